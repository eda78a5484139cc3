import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A datagram's share that is not a stream's data: short header, tag, frame header; about. */
const overheadBytes = 32
/** Shorter ones are acknowledgements and the like. */
const minPayloadBytes = 100
/** Packets that wait while the loopback socket is being opened; QUIC sends again what is lost. */
const maxEarlyPackets = 16

/** Where a visitor's datagrams come from. */
export interface RemoteAddress {
  readonly address: string
  readonly port: number
}

/** What {@link Flow} tells its owner. */
export interface FlowHooks {
  /** To the visitor. */
  send(datagram: Uint8Array, to: RemoteAddress): void
  onAnswered(): void
}

/**
 * One visitor's datagrams, both ways between the public socket and an endpoint on loopback. Beside that it knows what the endpoint does
 * not tell: the visitor's address, when it was last heard, and about how many bytes are waiting, unread or unsent.
 */
export class Flow {
  readonly remote: RemoteAddress
  lastHeardMs: number
  bytesIn = 0
  bytesOut = 0
  readonly #hooks: FlowHooks
  readonly #early: Uint8Array[] = []
  #socket: Socket | undefined
  #isClosed = false
  #hasAnswered = false
  #arrivedBytes = 0
  #unsentBytes = 0
  #onSent: (() => void) | undefined
  #full: { readonly bytes: number; readonly tell: () => void } | undefined

  constructor(remote: RemoteAddress, nowMs: number, hooks: FlowHooks) {
    this.remote = remote
    this.lastHeardMs = nowMs
    this.#hooks = hooks
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** About how many bytes were {@link written} and have not left. */
  get unsentBytes(): number {
    return this.#unsentBytes
  }

  /** Opens the way to an endpoint, and passes on what has come meanwhile. */
  async connect(loopbackPort: number): Promise<void> {
    const socket = createSocket('udp4')
    socket.on('error', () => {})
    socket.on('message', datagram => this.#onEndpoint(datagram))
    socket.connect(loopbackPort, '127.0.0.1')
    try {
      await once(socket, 'connect')
    } catch (error) {
      socket.close()
      throw error
    }
    if (this.#isClosed) {
      socket.close()
      return
    }
    this.#socket = socket
    for (const datagram of this.#early.splice(0)) socket.send(datagram)
  }

  /** A datagram from the visitor. */
  receive(datagram: Uint8Array, nowMs: number): void {
    this.lastHeardMs = nowMs
    this.bytesIn += datagram.byteLength
    if (datagram.byteLength > minPayloadBytes) {
      this.#arrivedBytes += datagram.byteLength - overheadBytes
      if (this.#full !== undefined && this.#arrivedBytes > this.#full.bytes) this.#full.tell()
    }
    if (this.#socket === undefined) {
      if (this.#early.length < maxEarlyPackets) this.#early.push(datagram)
      return
    }
    if (!this.#hasAnswered && this.bytesOut > 0) {
      this.#hasAnswered = true
      this.#hooks.onAnswered()
    }
    this.#socket.send(datagram)
  }

  /** Tells of each datagram that makes it more than `bytes` that have arrived and were not read. */
  whenFull(bytes: number, tell: () => void): void {
    this.#arrivedBytes = 0
    this.#full = { bytes, tell }
  }

  /** The session has read so much. */
  read(bytes: number): void {
    this.#arrivedBytes = Math.max(0, this.#arrivedBytes - bytes)
  }

  /** Nothing is waiting: what was counted was not data. */
  clearArrived(): void {
    this.#arrivedBytes = 0
  }

  /** The session has given so much to QUIC. */
  written(bytes: number): void {
    this.#unsentBytes += bytes
  }

  /** Calls once when more has left. */
  whenSent(onSent: () => void): void {
    this.#onSent = onSent
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket?.close()
    this.#early.length = 0
    this.#tellSent()
  }

  #onEndpoint(datagram: Uint8Array): void {
    if (this.#isClosed) return
    this.bytesOut += datagram.byteLength
    this.#hooks.send(datagram, this.remote)
    if (this.#unsentBytes > 0 && datagram.byteLength > minPayloadBytes) {
      this.#unsentBytes = Math.max(0, this.#unsentBytes - datagram.byteLength + overheadBytes)
      this.#tellSent()
    }
  }

  #tellSent(): void {
    const onSent = this.#onSent
    this.#onSent = undefined
    onSent?.()
  }
}
