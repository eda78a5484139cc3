// A peer of ours in a page of its own, moved by `BrowserPeer`: what a case asks of it stands on `globalThis.interop`.
import { type Peer, type Topic, createPeer } from '@tsugi/peer'

/** What a page does when it is told. */
export interface PagePeer {
  /** Starts a peer with one relay; answers its id. */
  start(relay: string, webrtc: boolean): Promise<string>
  /** Whether the relay holds a slot for it; why not. */
  relay(): { readonly state: string; readonly reason: string | undefined } | undefined
  join(topic: string): Promise<void>
  /** Opens a line to a peer at these addresses. */
  open(peer: string, addresses: readonly string[]): Promise<void>
  kind(peer: string): string | undefined
  publish(text: string): Promise<void>
  /** What it has heard, each once. */
  heard(): readonly string[]
  stop(): Promise<void>
}

let peer: Peer | undefined
let topic: Topic | undefined
const heard = new Set<string>()

const page: PagePeer = {
  async start(relay, webrtc) {
    peer = await createPeer({ app: 'interop', relays: [relay], identity: 'memory', webrtc })
    return peer.id
  },
  relay() {
    const status = peer?.relays.list()[0]
    return status === undefined ? undefined : { state: status.state, reason: status.reason }
  },
  async join(name) {
    const joined = await peer?.topics.join(name)
    topic = joined
    if (joined === undefined) return
    void (async () => {
      for await (const { data } of joined) heard.add(new TextDecoder().decode(data))
    })()
  },
  async open(other, addresses) {
    await peer?.links.open(other, { addresses })
  },
  kind: other => peer?.links.get(other)?.kind,
  async publish(text) {
    await topic?.publish(new TextEncoder().encode(text))
  },
  heard: () => [...heard],
  async stop() {
    await peer?.stop()
  },
}
Object.assign(globalThis, { interop: page })
