/** What a peer of the benchmark is told as its one argument, in JSON. */
export interface PeerTask {
  /** A URL of our relay, or the multiaddr of a stock one. */
  readonly relay: string
  readonly stun: string
  /** Says a number ten times a second; otherwise listens. */
  readonly speaks: boolean
  /** Where the other one is, for stock peers, which do not find each other. */
  readonly other?: string
}

/** What it tells, a JSON object a line; `at` in milliseconds since 1970. */
export type PeerNews = { readonly at: number } & (
  | { readonly event: 'started' }
  | { readonly event: 'reserved'; readonly address: string }
  | { readonly event: 'direct' }
  | { readonly event: 'heard' }
)

type Told = PeerNews extends infer Each ? (Each extends PeerNews ? Omit<Each, 'at'> : never) : never

export const topicName = 'bench'
export const speakEveryMs = 100

/** Reads the argument. */
export function readTask(): PeerTask {
  return JSON.parse(process.argv[2] ?? '{}') as PeerTask
}

/** Tells the benchmark. */
export function tell(news: Told): void {
  process.stdout.write(`${JSON.stringify({ ...news, at: Date.now() })}\n`)
}
