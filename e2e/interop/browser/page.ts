// A peer of ours in a page of its own, moved by `BrowserPeer`: what a case asks of it stands on `globalThis.interop`.
import { type Peer, type Topic, createPeer } from '@tsugi/peer'
import { openStreams } from '@tsugi/peer/streams'

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
  /** Sends back what comes over streams. */
  echo(): void
  /** Sends so many bytes over a stream to a peer that echoes, and answers what was wrong with what came back, and how the stream went. */
  exchange(other: string, length: number): Promise<{ readonly wrong: string; readonly routes: readonly string[] }>
  /** How much of that has come. */
  exchanged(): number
  stop(): Promise<void>
}

let peer: Peer | undefined
let topic: Topic | undefined
const heard = new Set<string>()
const protocol = 'interop/echo'
const chunkBytes = 16_384
let exchanged = 0

/** Something else at each place. */
const byteAt = (place: number): number => (place ^ (place >> 8) ^ (place >> 16)) & 255

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
  echo() {
    if (peer !== undefined) openStreams(peer).handle(protocol, ({ readable, writable }) => readable.pipeTo(writable))
  },
  async exchange(other, length) {
    if (peer === undefined) return { wrong: 'no peer', routes: [] }
    const stream = await openStreams(peer).open(other, protocol)
    const routes: string[] = [stream.route ?? 'none']
    stream.addEventListener('carried', ({ detail }) => routes.push(detail.route))
    const writing = (async () => {
      const writer = stream.writable.getWriter()
      for (let sent = 0; sent < length; sent += chunkBytes) {
        const bytes = new Uint8Array(Math.min(chunkBytes, length - sent))
        await writer.write(bytes.map((_, index) => byteAt(sent + index)))
      }
      await writer.close()
    })()
    let wrong = ''
    const reader = stream.readable.getReader()
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const { value } = read
      const at = value.findIndex((byte, index) => byte !== byteAt(exchanged + index))
      if (at !== -1 && wrong === '') wrong = `another byte at ${exchanged + at}`
      exchanged += value.length
    }
    await writing
    const end = await stream.closed
    if (!end.ok) wrong = end.code
    if (exchanged !== length) wrong = `${exchanged} of ${length} bytes`
    return { wrong, routes }
  },
  exchanged: () => exchanged,
  async stop() {
    await peer?.stop()
  },
}
Object.assign(globalThis, { interop: page })
