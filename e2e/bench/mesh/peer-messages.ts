/** What a peer of the benchmark is told as its one argument, in JSON. */
export interface PeerTask {
  /** URLs of our relays, or the multiaddrs of stock ones. */
  readonly relays: readonly string[]
  readonly stun: string
  /** Says a number ten times a second; otherwise listens. */
  readonly speaks: boolean
  /** Only holds one slot, on one of the relays that it knows. */
  readonly isIdle?: boolean
  /** Where the other one is, for stock peers, which do not find each other. */
  readonly other?: string
}

/** What it tells, a JSON object a line. When, is noted by who hears it: its own clock may be set back. */
export type PeerNews =
  /** The address by which others reach it; of one that is idle, the relay's peer id. */
  { readonly event: 'reserved'; readonly address: string } | { readonly event: 'direct' } | { readonly event: 'heard' }

export const topicName = 'bench'
export const speakEveryMs = 100

/** Reads the argument. */
export function readTask(): PeerTask {
  return JSON.parse(process.argv[2] ?? '{}') as PeerTask
}

/** Tells the benchmark. */
export function tell(news: PeerNews): void {
  process.stdout.write(`${JSON.stringify(news)}\n`)
}
