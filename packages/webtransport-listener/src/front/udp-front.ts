import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'

import type { Timers } from '@tsugi/bounded'

import type { Certificate } from '../certificates/certificate.ts'
import type { ListenerCounters } from '../listener-counters.ts'
import type { ListenerLimits } from '../listener-limits.ts'
import type { Binding, NativeRequest } from '../native/binding.ts'
import { WebTransportError } from '../webtransport-error.ts'
import { Flow } from './flow.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { readFirstPacket, versionNegotiation } from './quic-packet.ts'

/** The kernel's buffer for datagrams that arrive while this thread is busy. */
const receiveBufferBytes = 4 * 1_024 * 1_024
/** Datagrams on their way out are dropped beyond this, as a full router would. */
const maxQueuedBytes = 4 * 1_024 * 1_024

/** What {@link UdpFront.open} needs. */
export interface UdpFrontOptions {
  readonly host: string
  /** `0` takes a free one. */
  readonly port: number
  readonly binding: Binding
  readonly certificate: () => Certificate
  readonly limits: ListenerLimits
  readonly counters: ListenerCounters
  readonly timers: Timers
  /** A visitor asks for a session; until it is settled it counts as pending. */
  readonly onRequest: (request: NativeRequest, visitor: Visitor) => void
}

/** Somebody whose datagrams arrive here. */
export interface Visitor {
  readonly flow: Flow
  /** The handshake is over: it has become a session, or an end. */
  settle(): void
  /** Its datagrams are no longer passed on. */
  leave(): void
}

interface Pending extends Visitor {
  lane?: Lane
  timer: unknown
}

/**
 * The public UDP socket. It passes datagrams between visitors and endpoints on loopback, one visitor to an endpoint. The native part neither tells
 * from where a session came, nor takes another certificate, nor limits who may begin a handshake; in front of it all three are possible.
 */
export class UdpFront {
  readonly #options: UdpFrontOptions
  readonly #socket: Socket
  readonly #lanes: Lanes
  readonly #flows = new Map<string, Flow>()
  readonly #pending = new Map<Flow, Pending>()
  readonly #pendingByAddress = new Map<string, number>()
  #isClosed = false

  /** @throws WebTransportError `webtransport/listen-failed` */
  static async open(options: UdpFrontOptions): Promise<UdpFront> {
    const isV4 = isIPv4(options.host)
    const socket = createSocket({
      type: isV4 ? 'udp4' : 'udp6',
      ipv6Only: !isV4,
      // Only addresses are sent to; the default would go through the resolver for each datagram.
      lookup: (address, _, callback) => callback(null, address, isV4 ? 4 : 6),
    })
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind({ address: options.host, port: options.port, exclusive: true }, resolve)
      })
    } catch (cause) {
      socket.close()
      const { message } = cause as Error
      throw new WebTransportError(
        'webtransport/listen-failed',
        `UDP port ${options.port} on ${options.host} cannot be opened: ${message}`,
        cause,
      )
    }
    return new UdpFront(options, socket)
  }

  private constructor(options: UdpFrontOptions, socket: Socket) {
    this.#options = options
    this.#socket = socket
    this.#lanes = new Lanes(options.binding, options.certificate, options.timers.now)
    socket.removeAllListeners('error')
    // A datagram that could not be sent is lost, as datagrams are.
    socket.on('error', () => {})
    socket.on('message', (datagram, remote) => this.#onDatagram(datagram, remote))
    try {
      socket.setRecvBufferSize(receiveBufferBytes)
    } catch {
      // The system's own size will do.
    }
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** Visitors between their first packet and a session. */
  get pending(): number {
    return this.#pending.size
  }

  get flows(): number {
    return this.#flows.size
  }

  /** Endpoints that wait for visitors. */
  get lanes(): number {
    return this.#lanes.size
  }

  /** Whoever comes from now on meets the certificate that is in use now; who is here stays. */
  rotate(): void {
    this.#lanes.prune()
  }

  /** Takes no more visitors, and turns away those who are not in yet. */
  async stopAccepting(): Promise<void> {
    this.#isClosed = true
    for (const visitor of this.#pending.values()) visitor.leave()
    await this.#lanes.close()
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.close()
    this.#flows.clear()
    this.#socket.close()
  }

  #onDatagram(datagram: Buffer, remote: RemoteInfo): void {
    const key = `${remote.address} ${remote.port}`
    const flow = this.#flows.get(key)
    if (flow === undefined) this.#onStranger(key, datagram, remote)
    else flow.receive(datagram, this.#options.timers.now())
  }

  #onStranger(key: string, datagram: Buffer, remote: RemoteInfo): void {
    const { limits, counters, timers } = this.#options
    const packet = readFirstPacket(datagram)
    if (packet.type === 'stray') return counters.add('stray')
    if (packet.type === 'other-version') {
      counters.add('version')
      return this.#send(versionNegotiation(packet), remote)
    }
    const address = addressKey(remote.address)
    const pendingHere = this.#pendingByAddress.get(address) ?? 0
    if (this.#isClosed) return counters.add('closed')
    if (this.#pending.size >= limits.pending) return counters.add('pending')
    if (pendingHere >= limits.pendingPerAddress) return counters.add('pending-address')
    this.#pendingByAddress.set(address, pendingHere + 1)

    const flow = new Flow({ address: remote.address, port: remote.port }, timers.now(), {
      send: (bytes, to) => this.#send(bytes, to),
      onAnswered: () => this.#wait(visitor, limits.handshakeMs - limits.answerMs),
    })
    let isPending = true
    const visitor: Pending = {
      flow,
      timer: undefined,
      settle: () => {
        if (!isPending) return
        isPending = false
        timers.clearTimeout(visitor.timer)
        this.#pending.delete(flow)
        const left = (this.#pendingByAddress.get(address) ?? 1) - 1
        if (left > 0) this.#pendingByAddress.set(address, left)
        else this.#pendingByAddress.delete(address)
        if (visitor.lane !== undefined) this.#lanes.release(visitor.lane)
      },
      leave: () => {
        flow.close()
        if (this.#flows.get(key) === flow) this.#flows.delete(key)
        visitor.settle()
      },
    }
    this.#flows.set(key, flow)
    this.#pending.set(flow, visitor)
    this.#wait(visitor, limits.answerMs)
    flow.receive(datagram, timers.now())
    this.#lead(visitor).catch(() => {
      counters.add('endpoint')
      visitor.leave()
    })
  }

  async #lead(visitor: Pending): Promise<void> {
    const lane = await this.#lanes.take(request => {
      // From here on the time is up to whoever answers.
      this.#options.timers.clearTimeout(visitor.timer)
      this.#options.onRequest(request, visitor)
    })
    visitor.lane = lane
    if (visitor.flow.isClosed) this.#lanes.release(lane)
    else await visitor.flow.connect(lane.port)
  }

  #wait(visitor: Pending, ms: number): void {
    const { timers, counters } = this.#options
    timers.clearTimeout(visitor.timer)
    visitor.timer = timers.setTimeout(() => {
      counters.add('handshake-timeout')
      visitor.leave()
    }, ms)
  }

  #send(datagram: Uint8Array, to: { readonly address: string; readonly port: number }): void {
    if (this.#socket.getSendQueueSize() > maxQueuedBytes) return this.#options.counters.add('send-queue')
    // Without a callback an error would be an event; the socket may be closed already.
    try {
      this.#socket.send(datagram, to.port, to.address, () => {})
    } catch {
      this.#options.counters.add('send-queue')
    }
  }
}

/** One IPv4 address, or one IPv6 /64, is one household. */
function addressKey(address: string): string {
  if (isIPv4(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
