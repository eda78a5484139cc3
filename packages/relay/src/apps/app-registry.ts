import { type AppId, defaultApp } from '@tsugi/protocol'

import { HeldNames } from '../circuit/held-names.ts'

/** What {@link AppRegistry} wants to know. */
export interface AppRegistryOptions {
  /** The apps whose peers are served, or `'any'`. */
  readonly served: readonly AppId[] | 'any'
  /** Peers whose app is remembered; the relay admits no more of them. */
  readonly maxPeers: number
}

/** Which app each connected peer belongs to: what it told, or `default`. Each name is kept once. */
export class AppRegistry {
  readonly #options: AppRegistryOptions
  readonly #appByPeer = new Map<string, number>()
  readonly #names = new HeldNames()

  constructor(options: AppRegistryOptions) {
    this.#options = options
  }

  /** Peers that have told theirs. */
  get size(): number {
    return this.#appByPeer.size
  }

  /** Different apps that are remembered. */
  get apps(): number {
    return this.#names.size
  }

  has(peer: string): boolean {
    return this.#appByPeer.has(peer)
  }

  appOf(peer: string): AppId {
    const number = this.#appByPeer.get(peer)
    return number === undefined ? defaultApp : (this.#names.get(number) as AppId)
  }

  isServed(app: AppId): boolean {
    return this.#options.served === 'any' || this.#options.served.includes(app)
  }

  /** Remembers a peer's app. The last word counts. [N3] */
  tell(peer: string, app: AppId): 'told' | 'changed' | 'full' {
    const old = this.#appByPeer.get(peer)
    if (old === undefined && this.#appByPeer.size >= this.#options.maxPeers) return 'full'
    const hasChanged = this.appOf(peer) !== app
    this.#appByPeer.set(peer, this.#names.hold(app))
    if (old !== undefined) this.#names.release(old)
    return hasChanged ? 'changed' : 'told'
  }

  /** A peer has no connection left. */
  forget(peer: string): void {
    const number = this.#appByPeer.get(peer)
    if (number === undefined) return
    this.#appByPeer.delete(peer)
    this.#names.release(number)
  }
}
