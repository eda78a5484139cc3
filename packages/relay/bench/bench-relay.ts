/** How a peer comes to a relay. */
export type BenchTransport = 'websocket' | 'webrtc-direct' | 'webtransport'

/** A relay in a process of its own. */
export interface BenchRelay extends AsyncDisposable {
  /** Where it is reached by a transport; empty where it is not. */
  addressOf(transport: BenchTransport): string
  /** CPU time that it has used so far. */
  cpuMs(): Promise<number>
  /** What it holds; the collection of garbage before it takes some of its time. */
  holding(): Promise<{ readonly rssBytes: number }>
}
