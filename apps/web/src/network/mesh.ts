import type { Peer } from '@tsugi/peer'

import { appId } from '../game/app-id.ts'
import { type MeshStatus, beforeMesh } from './mesh-status.ts'

/**
 * The page's one peer on the mesh. Its code is loaded after the first view stands, so that the board does not wait for it.
 * Fires `change` when {@link status} is another.
 */
export class Mesh extends EventTarget {
  status: MeshStatus = beforeMesh
  readonly #relays: readonly string[]
  #peer: Promise<Peer> | null = null

  constructor(relays: readonly string[]) {
    super()
    this.#relays = relays
    this.status = { ...beforeMesh, relays: relays.map(hostOf) }
  }

  /** Starts the peer, once. Rejects only if its code cannot be loaded or it cannot be made at all. */
  peer(): Promise<Peer> {
    this.#peer ??= this.#start().catch((error: unknown) => {
      this.#peer = null
      this.#set({ state: 'offline', reason: 'the network part of the page could not start', retryAt: null })
      throw error
    })
    return this.#peer
  }

  async #start(): Promise<Peer> {
    const { createPeer } = await import('@tsugi/peer')
    const peer = await createPeer({ app: appId, relays: [...this.#relays], storage: 'indexeddb' })
    const read = (): void => this.#read(peer)
    for (const type of ['ready', 'offline', 'relay:change'] as const) peer.addEventListener(type, read)
    addEventListener('pagehide', event => {
      if (!event.persisted) void peer.stop()
    })
    read()
    if (new URLSearchParams(location.search).has('inspect')) void showInspector(peer)
    return peer
  }

  #read(peer: Peer): void {
    if (peer.state === 'stopped') return
    const relays = peer.relays.list()
    const trouble = relays.find(relay => relay.state === 'lost' || relay.state === 'refused')
    this.#set({
      state: peer.state === 'ready' ? 'ready' : trouble && peer.state === 'offline' ? 'offline' : 'connecting',
      reason: trouble?.reason ?? null,
      retryAt: trouble?.retryAt ?? null,
    })
  }

  #set(change: Partial<MeshStatus>): void {
    this.status = { ...this.status, ...change }
    this.dispatchEvent(new Event('change'))
  }
}

/**
 * The relays that the page uses: those named by `<meta name="tsugi-relays">` (a page on a static host names its relays there),
 * else the origin that the page came from.
 */
export function relaysOfPage(meta: string | null, origin: string): string[] {
  const named = (meta ?? '').split(/\s+/).filter(relay => relay !== '')
  return named.length > 0 ? named.slice(0, 16) : [origin]
}

function hostOf(relay: string): string {
  return URL.parse(relay)?.host || relay
}

/** For developers, with `?inspect` in the address. */
async function showInspector(peer: Peer): Promise<void> {
  const { defineInspector } = await import('@tsugi/peer/inspector')
  defineInspector()
  const inspector = Object.assign(document.createElement('tsugi-inspector'), { peer })
  document.body.append(inspector)
}
