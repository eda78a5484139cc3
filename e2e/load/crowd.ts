import { LightPeer } from '@tsugi/testkit/light-peer'

import { inTurns } from './in-turns.ts'

/** Handshakes under way at once. */
const atOnce = 16

/** Peers that hold a reservation and do nothing else. */
export class Crowd {
  readonly #url: string
  readonly #peers = new Set<LightPeer>()
  /** Connections that ended without our doing. */
  lost = 0

  /** @param url - the relay's page */
  constructor(url: string) {
    this.#url = url.replace(/^http/, 'ws')
  }

  get size(): number {
    return this.#peers.size
  }

  async join(count: number): Promise<void> {
    await inTurns(count, atOnce, async () => {
      this.#keep(await this.#arrive())
    })
  }

  /** Peers come and go: half of them say so, half are cut off. */
  async churn(count: number): Promise<void> {
    await inTurns(count, atOnce, async index => {
      const peer = await this.#arrive()
      await (index % 2 === 0 ? peer.close() : peer.cut())
    })
  }

  async leave(): Promise<void> {
    const peers = [...this.#peers]
    this.#peers.clear()
    await Promise.all(peers.map(peer => peer.close()))
  }

  async #arrive(): Promise<LightPeer> {
    const peer = await LightPeer.connect(this.#url)
    const status = await peer.reserve()
    if (status !== 100) throw new Error(`a reservation was answered with ${status}`)
    return peer
  }

  #keep(peer: LightPeer): void {
    this.#peers.add(peer)
    void peer.closed.then(() => {
      if (this.#peers.delete(peer)) this.lost += 1
    })
  }
}
