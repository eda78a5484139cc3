import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { webTransportListener } from '@tsugi/webtransport-listener'
import { createLibp2p } from 'libp2p'

import type { BenchTransport } from './bench-relay.ts'

const protocol = '/bench/1'
const pingBytes = 200
const pieceBytes = 16_384
/** On the way at once. WebRTC's streams cannot be paused, and the relay ends a circuit for which more than 1 MB would have to wait. */
const windowBytes = 512 * 1_024

/** Two libp2p peers on one relay by one transport, and a circuit between them. */
export class RelayedPair {
  readonly #near: Libp2p
  readonly #far: Libp2p
  readonly #address: string
  #stream: Stream | undefined
  #beside: Stream | undefined
  /** Of bulk alone, as is {@link #arrived}. */
  #sent = 0
  #arrived = 0
  #onArrived = (): void => {}
  #pong: (() => void) | undefined
  #wanted: { readonly bytes: number; readonly done: () => void } | undefined

  private constructor(near: Libp2p, far: Libp2p, address: string) {
    this.#near = near
    this.#far = far
    this.#address = address
  }

  /** Two peers join, each with a reservation; resolves when both have one. */
  static async join(address: string, transport: BenchTransport): Promise<RelayedPair> {
    const far = await startPeer(address, transport)
    const near = await startPeer(address, transport)
    const pair = new RelayedPair(near, far, address)
    await far.handle(protocol, stream => pair.#onFar(stream), { runOnLimitedConnection: true })
    return pair
  }

  /** Opens the circuit, with a stream for small messages and one for bulk. */
  async open(): Promise<void> {
    const options = { runOnLimitedConnection: true }
    const target = multiaddr(`${this.#address}/p2p-circuit/p2p/${this.#far.peerId.toString()}`)
    this.#stream = await this.#near.dialProtocol(target, protocol, options)
    this.#stream.addEventListener('message', () => this.#pong?.())
    this.#beside = await this.#near.dialProtocol(target, protocol, options)
  }

  /** Round trips one after another, each in ms. */
  async pings(count: number): Promise<number[]> {
    const times: number[] = []
    for (let index = 0; index < count; index += 1) {
      const begun = performance.now()
      const answered = new Promise<void>(resolve => {
        this.#pong = resolve
      })
      this.#stream?.send(new Uint8Array(pingBytes).fill(9))
      await answered
      times.push(performance.now() - begun)
    }
    return times
  }

  /** Sends so much; answers how many seconds it took to arrive. */
  async bulk(bytes: number): Promise<number> {
    const begun = performance.now()
    const arrived = new Promise<void>(resolve => {
      this.#wanted = { bytes: this.#arrived + bytes, done: resolve }
    })
    for (let sent = 0; sent < bytes; sent += pieceBytes) await this.#write()
    await arrived
    return (performance.now() - begun) / 1_000
  }

  /** Sends evenly until the answer is called. */
  flow(bytesPerSecond: number): () => Promise<void> {
    const over = new AbortController()
    const begun = performance.now()
    const sending = (async () => {
      for (let sent = 0; !over.signal.aborted;) {
        for (
          ;
          sent < ((performance.now() - begun) / 1_000) * bytesPerSecond && !over.signal.aborted;
          sent += pieceBytes
        ) {
          await this.#write()
        }
        await new Promise(resolve => setTimeout(resolve, 1))
      }
    })()
    return async () => {
      over.abort()
      await sending
    }
  }

  async close(): Promise<void> {
    await this.#near.stop()
    await this.#far.stop()
  }

  async #write(): Promise<void> {
    const stream = this.#beside
    this.#sent += pieceBytes
    while (this.#sent - this.#arrived > windowBytes) {
      await new Promise<void>(resolve => {
        this.#onArrived = resolve
      })
    }
    if (stream === undefined || stream.send(new Uint8Array(pieceBytes).fill(7))) return
    await new Promise<void>(resolve => stream.addEventListener('drain', () => resolve(), { once: true }))
  }

  #onFar(stream: Stream): void {
    stream.addEventListener('message', ({ data }) => {
      if (data.byteLength === pingBytes && data.subarray()[0] === 9) {
        stream.send(data)
        return
      }
      this.#arrived += data.byteLength
      this.#onArrived()
      if (this.#wanted !== undefined && this.#arrived >= this.#wanted.bytes) this.#wanted.done()
    })
  }
}

async function startPeer(address: string, transport: BenchTransport): Promise<Libp2p> {
  const way = { websocket: webSockets, 'webrtc-direct': webRTCDirect, webtransport: webTransportListener }[transport]
  const peer = await createLibp2p({
    addresses: { listen: [`${address}/p2p-circuit`] },
    transports: [way() as never, circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
    services: { identify: identify() },
  })
  // Listening on a relay's address ends with a reservation.
  const deadline = Date.now() + 10_000
  while (!peer.getMultiaddrs().some(each => each.toString().includes('/p2p-circuit'))) {
    if (Date.now() > deadline) throw new Error(`No reservation by ${transport}.`)
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  return peer
}
