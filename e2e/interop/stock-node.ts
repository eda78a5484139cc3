import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream, Transport } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { writeFields } from '@tsugi/testkit/light-peer'
import { createLibp2p } from 'libp2p'

import { EventLog } from './event-log.ts'
import { type CircuitLimit, type Echoed, type InteropNode, type NodeEvent, NodeRefusal, type Reserved } from './node.ts'

const echoProtocol = '/tsugi/interop/echo/1.0.0'
const timeoutMs = 30_000

/** A voucher as stock js-libp2p reads it: field by field, without a look at the signature. */
interface ReadVoucher {
  readonly publicKey: Uint8Array
  readonly payloadType: Uint8Array
  readonly payload?: { readonly relay: Uint8Array; readonly peer: Uint8Array; readonly expiration: bigint }
  readonly signature: Uint8Array
}

/** What stock js-libp2p keeps where its types do not show it. */
interface Inside {
  readonly components: {
    readonly transportManager: {
      listen(addresses: unknown[]): Promise<void>
      getTransports(): readonly {
        readonly reservationStore?: {
          addRelay(
            peer: unknown,
            type: 'configured',
          ): Promise<{
            details: { reservation: { expire: bigint; addrs: Uint8Array[]; voucher?: ReadVoucher } }
          }>
          addEventListener(name: 'relay:created-reservation', listener: () => void): void
        }
      }[]
    }
  }
}

/** A node of nothing but stock js-libp2p parts, as any application makes it. */
export class StockNode implements InteropNode {
  readonly #node: Libp2p<{ pubsub: GossipSub }>
  readonly #events = new EventLog()

  private constructor(node: Libp2p<{ pubsub: GossipSub }>) {
    this.#node = node
    node.addEventListener('connection:open', ({ detail }) => {
      if (detail.direction !== 'inbound' || detail.direct) return
      this.#events.add({ event: 'circuit', peer: detail.remotePeer.toString(), limit: limitOf(detail) })
    })
    node.addEventListener('connection:close', ({ detail }) =>
      this.#events.add({ event: 'closed', peer: detail.remotePeer.toString(), isCircuit: !detail.direct }),
    )
    node.services.pubsub.addEventListener('message', ({ detail }) => {
      if (detail.type !== 'signed') return
      const text = new TextDecoder().decode(detail.data)
      this.#events.add({ event: 'message', topic: detail.topic, from: detail.from.toString(), text })
    })
  }

  /** @param transports - beside WebSocket */
  static async start(transports: ReadonlyArray<(components: never) => Transport> = []): Promise<StockNode> {
    const node = await createLibp2p({
      transports: [
        webSockets(),
        circuitRelayTransport({ reservationCompletionTimeout: timeoutMs }),
        ...(transports as never[]),
      ],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
      services: {
        identify: identify(),
        ping: ping(),
        pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, emitSelf: false }),
      },
    })
    await node.handle(echoProtocol, echo, { runOnLimitedConnection: true })
    return new StockNode(node)
  }

  get peer(): string {
    return this.#node.peerId.toString()
  }

  get addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map(String)
  }

  async dial(address: string): Promise<void> {
    await this.#node.dial(multiaddr(address), { signal: AbortSignal.timeout(timeoutMs) })
  }

  async reserve(relay: string): Promise<Reserved> {
    await this.dial(relay)
    const { transportManager } = (this.#node as unknown as Inside).components
    const store = transportManager.getTransports().find(each => each.reservationStore !== undefined)?.reservationStore
    if (store === undefined) throw new Error('js-libp2p keeps its reservations elsewhere now')
    const relayId = peerIdFromString(relay.slice(relay.lastIndexOf('/') + 1))
    const { details } = await withStatus(store.addRelay(relayId, 'configured'))
    store.addEventListener('relay:created-reservation', () =>
      this.#events.add({ event: 'renewed', peer: relayId.toString() }),
    )
    const { expire, addrs, voucher } = details.reservation
    return {
      expiresAtSeconds: Number(expire),
      addresses: addrs.map(each => String(multiaddr(each))),
      ...(voucher !== undefined && { voucher: await this.#openVoucher(voucher) }),
    }
  }

  async connect(address: string): Promise<{ limit: CircuitLimit | null }> {
    const connection = await withStatus(this.#node.dial(multiaddr(address), { signal: AbortSignal.timeout(timeoutMs) }))
    return { limit: limitOf(connection) }
  }

  async hangUp(peer: string): Promise<void> {
    await this.#node.hangUp(peerIdFromString(peer))
  }

  async echo(peer: string, bytes: number): Promise<Echoed> {
    const sent = Uint8Array.from({ length: bytes }, (_, index) => index % 251)
    const connection = this.#node.getConnections(peerIdFromString(peer))[0]
    if (connection === undefined) throw new Error('not connected')
    const stream = await connection.newStream(echoProtocol, {
      runOnLimitedConnection: true,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const received: Uint8Array[] = []
    let isEnded = false
    const ended = new Promise<void>(resolve => {
      stream.addEventListener('remoteCloseWrite', () => {
        isEnded = true
        resolve()
      })
      stream.addEventListener('close', () => resolve())
    })
    stream.addEventListener('message', ({ data }) => received.push(data.subarray()))
    for (let at = 0; at < bytes && stream.writeStatus === 'writable'; at += 16_384) {
      if (!stream.send(sent.subarray(at, at + 16_384))) await drained(stream)
    }
    if (stream.status === 'open') await stream.close({ signal: AbortSignal.timeout(timeoutMs) }).catch(() => {})
    await ended
    const back = Buffer.concat(received)
    const isCorrect = back.equals(sent.subarray(0, back.length))
    return { returned: back.length, isCorrect, isWhole: isEnded && back.length === bytes }
  }

  async join(topic: string): Promise<void> {
    this.#node.services.pubsub.subscribe(topic)
  }

  async publish(topic: string, text: string): Promise<void> {
    await this.#node.services.pubsub.publish(topic, new TextEncoder().encode(text))
  }

  heard<Name extends NodeEvent['event']>(
    name: Name,
    fits?: (event: Extract<NodeEvent, { event: Name }>) => boolean,
    waitMs?: number,
  ): Promise<Extract<NodeEvent, { event: Name }>> {
    return this.#events.find(name, fits, waitMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node.stop()
  }

  /** Puts a voucher together again as it was signed, and checks it. */
  async #openVoucher(voucher: ReadVoucher): Promise<NonNullable<Reserved['voucher']>> {
    const { payload, payloadType, signature } = voucher
    if (payload === undefined) throw new Error('The voucher is empty.')
    const expiresAtSeconds = Number(payload.expiration)
    const { publicKey } = await RecordEnvelope.openAndCertify(
      writeFields([
        [1, voucher.publicKey],
        [2, payloadType],
        [
          3,
          writeFields([
            [1, payload.relay],
            [2, payload.peer],
            [3, expiresAtSeconds],
          ]),
        ],
        [5, signature],
      ]),
      'libp2p-relay-rsvp',
    )
    const relay = peerIdFromPublicKey(publicKey)
    if (!isSame(relay.toMultihash().bytes, payload.relay)) {
      throw new Error('The voucher is not signed by the relay that it names.')
    }
    if (!isSame(this.#node.peerId.toMultihash().bytes, payload.peer))
      throw new Error('The voucher is about somebody else.')
    return { relay: relay.toString(), peer: this.peer, expiresAtSeconds }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b)
}

function limitOf({ limits }: Connection): CircuitLimit | null {
  return limits === undefined ? null : { seconds: limits.seconds ?? 0, bytes: Number(limits.bytes ?? 0) }
}

/** js-libp2p tells the status in words only. */
async function withStatus<Value>(doing: Promise<Value>): Promise<Value> {
  try {
    return await doing
  } catch (error) {
    const all = error instanceof AggregateError ? [error, ...error.errors] : [error]
    const text = all.map(String).join('; ')
    throw new NodeRefusal(text, /with status ([A-Z_]+)/.exec(text)?.[1])
  }
}

async function echo(stream: Stream): Promise<void> {
  try {
    for await (const data of stream) if (!stream.send(data)) await drained(stream)
    await stream.close()
  } catch (error) {
    stream.abort(error as Error)
  }
}

/** Resolves when a full stream takes more, or ends. */
function drained(stream: Stream): Promise<void> {
  return new Promise(resolve => {
    const onEnd = (): void => {
      stream.removeEventListener('drain', onEnd)
      stream.removeEventListener('close', onEnd)
      resolve()
    }
    stream.addEventListener('drain', onEnd)
    stream.addEventListener('close', onEnd)
  })
}
