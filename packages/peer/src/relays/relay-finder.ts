import type { Libp2p } from '@libp2p/interface'

/** A further way to find relays, beside those that are named and those that they tell of. Opaque to applications. */
export interface RelayFinder {
  /** What the node needs for it: a service factory of libp2p's. */
  readonly service: (components: never) => unknown
  /**
   * Looks once, for some seconds at most.
   *
   * @returns web origins of relays, as strangers told them
   */
  find(node: Pick<Libp2p, 'contentRouting'>, signal: AbortSignal): AsyncIterable<string>
}
