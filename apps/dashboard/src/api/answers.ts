/** What the admin API answers, as far as the dashboard reads it; docs/api.md has all of it. */
export interface Stats {
  readonly atMs: number
  readonly uptimeMs: number
  readonly peerId: string
  readonly version: string
  readonly isDraining: boolean
  readonly peers: number
  readonly connections: number
  readonly reservations: number
  readonly circuits: number
  readonly gossip: { readonly topics: number }
  readonly memory: {
    readonly rssBytes: number
    readonly heapUsedBytes: number
    readonly limitBytes: number | null
    readonly level: string
  }
  readonly rates: Readonly<
    Record<'relayedBytesPerSecond' | 'gossipBytesPerSecond' | 'refusalsPerSecond' | 'cpuShare', number>
  >
  readonly loopDelay: { readonly p50Ms: number; readonly p99Ms: number }
  /** `load`: the share of the fullest resource; `factor`: what limits that follow it are multiplied by. */
  readonly guard: { readonly load: number; readonly factor: number }
  readonly relays: { readonly known: number; readonly connected: number }
  /** Since the relay's first start, by reason. */
  readonly refusals: Readonly<Record<string, number>>
  readonly limits: Readonly<Record<string, number | null>>
}

/** Samples in columns of one length. */
export interface HistoryTable {
  readonly windowMs: number
  readonly stepMs: number
  readonly atMs: readonly number[]
  readonly values: Readonly<Record<string, readonly number[]>>
  /** What was refused in the time of each sample, by reason. */
  readonly refusals: ReadonlyArray<Readonly<Record<string, number>>>
}

/** One page of a list. */
export interface PageOf<T> {
  readonly total: number
  readonly limit: number
  readonly offset: number
  readonly items: readonly T[]
}

interface Traffic {
  readonly packets: number
  readonly bytes: number
}

/** A circuit that stands or is being joined. */
export interface Circuit {
  readonly id: number
  readonly source: string
  readonly target: string
  readonly app: string
  readonly state: string
  readonly createdAtMs: number
  readonly lastActiveAtMs: number
  readonly fromSource: Traffic
  readonly fromTarget: Traffic
}

/** A connected peer. */
export interface Peer {
  readonly peer: string
  readonly addresses: readonly string[]
  readonly transports: readonly string[]
  readonly connectedAtMs: number
  readonly app: string
  readonly circuits: number
  readonly reservedUntilMs: number | null
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** What a ban names. */
export type BanKind = 'peer' | 'address' | 'prefix'

/** A ban in force. */
export interface Ban {
  readonly id: string
  readonly kind: BanKind
  readonly value: string
  readonly reason: string
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
}

/** A game that its players published, without its records. */
export interface ArchivedGame {
  readonly id: string
  readonly app: string
  readonly rules: string
  /** Names by seat; empty for a player without one. */
  readonly players: readonly string[]
  readonly result: string
  readonly moves: number
  readonly endedAtMs: number
  readonly archivedAtMs: number
  readonly bytes: number
  readonly hasSgf: boolean
}
