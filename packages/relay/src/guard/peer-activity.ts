/**
 * When each connected peer last did something: joined, reserved, opened a circuit, said something on a topic. Pings are not counted:
 * a forgotten tab answers them too. Holds exactly the peers that are connected.
 */
export class PeerActivity {
  readonly #now: () => number
  readonly #lastActive = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#lastActive.size
  }

  /** A peer connected. */
  add(peer: string): void {
    this.#lastActive.set(peer, this.#now())
  }

  /** A peer has left. */
  remove(peer: string): void {
    this.#lastActive.delete(peer)
  }

  /** A peer did something, now or at a time that is known; whoever is not connected is not followed. */
  touch(peer: string, atMs: number = this.#now()): void {
    const before = this.#lastActive.get(peer)
    if (before !== undefined && before < atMs) this.#lastActive.set(peer, atMs)
  }

  /** When a peer was last active, and `undefined` when it is not connected. */
  at(peer: string): number | undefined {
    return this.#lastActive.get(peer)
  }

  peers(): IterableIterator<string> {
    return this.#lastActive.keys()
  }
}
