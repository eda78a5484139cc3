import type { PeerId } from '@libp2p/interface'

/** As many peers may be gone and not forgotten yet; who comes on top is forgotten only once. */
const maxWaiting = 10_000

/** What {@link Departures} works with. */
export interface DeparturesOptions {
  readonly isConnected: (peer: PeerId) => boolean
  /** Removes what is remembered about a peer. */
  readonly forget: (peer: PeerId) => Promise<void>
}

/**
 * Nobody is dialled from a relay, so what it learnt about a guest serves nothing once it has gone. libp2p may still write something about
 * it then (an identify that was under way, a protocol just agreed on), so it is forgotten at once and again at the next sweep.
 */
export class Departures {
  readonly #options: DeparturesOptions
  readonly #gone = new Map<string, PeerId>()

  constructor(options: DeparturesOptions) {
    this.#options = options
  }

  /** How many are to be forgotten once more. */
  get size(): number {
    return this.#gone.size
  }

  add(peer: PeerId): void {
    if (this.#gone.size < maxWaiting) this.#gone.set(peer.toString(), peer)
    this.#forget(peer)
  }

  sweep(): void {
    for (const peer of this.#gone.values()) this.#forget(peer)
    this.#gone.clear()
  }

  #forget(peer: PeerId): void {
    if (!this.#options.isConnected(peer)) this.#options.forget(peer).catch(() => {})
  }
}
