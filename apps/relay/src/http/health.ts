import type { MemoryLevel, RelayStats } from '@tsugi/relay'

/** The `memory` block of `/health`. */
interface MemoryBlock {
  readonly rss_bytes: number
  /** `null` for none. */
  readonly limit_bytes: number | null
  readonly level: MemoryLevel
}

/** The body of `/health`; its field names are a promise to those who watch relays. */
export interface Health {
  readonly status: 'ok' | 'starting' | 'shedding' | 'draining'
  readonly memory_store: { readonly operations: number; readonly logs: number }
  readonly address_book: { readonly peers: number }
  readonly streams: { readonly active: number }
  readonly gossip_buffer: { readonly entries: number }
  readonly relays: { readonly known: number; readonly connected: number }
  readonly relay: { readonly peers: number; readonly reservations: number; readonly circuits: number }
  readonly memory: MemoryBlock
  /** Ways in that were wanted and could not be opened: the relay goes on without them, and the log says why. */
  readonly transports: {
    readonly failed: readonly string[]
    /** Open, and left out by `--announce`; the log says what to add. */
    readonly unannounced: readonly string[]
  }
}

/**
 * @param stats - `undefined` while the relay starts
 * @returns the body; every status but `ok` goes out as 503
 */
export function healthOf(stats: RelayStats | undefined, rssBytes: number, limitBytes: number): Health {
  return {
    status: statusOf(stats),
    memory_store: { operations: stats?.records.operations ?? 0, logs: stats?.records.records ?? 0 },
    address_book: { peers: stats?.addressBookPeers ?? 0 },
    streams: { active: stats?.gossip.topics ?? 0 },
    gossip_buffer: { entries: stats?.gossip.bufferedMessages ?? 0 },
    relays: stats?.relays ?? { known: 0, connected: 0 },
    relay: {
      peers: stats?.peers ?? 0,
      reservations: stats?.circuits.reservations ?? 0,
      circuits: stats?.circuits.circuits ?? 0,
    },
    memory: {
      rss_bytes: rssBytes,
      limit_bytes: Number.isFinite(limitBytes) ? limitBytes : null,
      level: stats?.guard.level ?? 'normal',
    },
    transports: { failed: stats?.failedTransports ?? [], unannounced: stats?.unannouncedTransports ?? [] },
  }
}

function statusOf(stats: RelayStats | undefined): Health['status'] {
  if (stats === undefined) return 'starting'
  if (stats.isDraining || stats.guard.level === 'drain') return 'draining'
  return stats.guard.level === 'shed' ? 'shedding' : 'ok'
}
