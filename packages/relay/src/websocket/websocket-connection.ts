import type { Socket } from 'node:net'

import type { AbortOptions, CounterGroup, Logger, MultiaddrConnection } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { TokenBucket } from '@tsugi/bounded'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { WebSocket } from 'ws'

import { leanMessageStream } from '../streams/lean-message-stream.ts'

/** Above this many unsent bytes the writer is told to wait; it may go on when everything is with the kernel. */
const maxBufferedBytes = 256 * 1_024
/** Up to this size, the pieces of one write become one frame: fewer frames, fewer system calls, for one small copy. */
const maxJoinedBytes = 64 * 1_024

/**
 * Frames that carry nothing: pings, pongs, empty ones. libp2p sends none and browsers cannot; a proxy keeps a quiet line open with one in
 * 10 s or so. Each costs nearly as much as a full one, and a ping an answer besides.
 */
const idleFrames = { capacity: 60, refillPerSecond: 2 } as const

const LeanConnection = leanMessageStream(AbstractMultiaddrConnection)

const tooLarge = new Set(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'])

/** What the far end did that no honest peer does; the connection is broken off for it. */
export type WebSocketFault =
  | 'websocket/text-frame'
  | 'websocket/bad-frame'
  | 'websocket/large-frame'
  | 'websocket/idle-frames'

/** What a connection is made of. */
export interface WebSocketConnectionInit {
  /** An open socket of the `ws` package. */
  readonly socket: WebSocket
  readonly remoteAddr: Multiaddr
  /** Default `inbound`. */
  readonly direction?: 'inbound' | 'outbound'
  readonly log: Logger
  readonly onFault?: (fault: WebSocketFault) => void
  readonly metrics?: CounterGroup
}

/**
 * An accepted WebSocket as libp2p's raw connection. Both directions have real backpressure: pausing stops reading from the TCP
 * socket, and a write that fills the buffer waits for the socket's own completion, not for a poll.
 */
class WebSocketConnection extends LeanConnection {
  readonly #socket: WebSocket
  readonly #onFault: ((fault: WebSocketFault) => void) | undefined
  #isWaitingForDrain = false
  #isCorked = false
  /** Made with the first idle frame, which most connections never see. */
  #idleFrames: TokenBucket | undefined

  constructor(init: WebSocketConnectionInit) {
    super({
      remoteAddr: init.remoteAddr,
      direction: init.direction ?? 'inbound',
      log: init.log,
      ...(init.metrics === undefined ? {} : { metrics: init.metrics }),
    })
    this.#socket = init.socket
    this.#onFault = init.onFault
    listen(init.socket, this)
  }

  /** A frame of the far end's. */
  onFrame(data: Buffer, isBinary: boolean): void {
    if (data.byteLength === 0) this.onIdleFrame()
    else if (isBinary) this.onData(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    else {
      this.#onFault?.('websocket/text-frame')
      this.abort(new Error('a text frame arrived where libp2p sends binary ones'))
    }
  }

  /** A frame that carries nothing. */
  onIdleFrame(): void {
    this.#idleFrames ??= new TokenBucket(idleFrames)
    if (this.#idleFrames.tryTake() || this.status !== 'open') return
    this.#onFault?.('websocket/idle-frames')
    this.abort(new Error('too many frames arrived that carry nothing'))
  }

  /** The socket fails; its end follows, with the code. */
  onSocketError(error: Error & { readonly code?: string }): void {
    this.log('socket error - %e', error)
    if (error.code?.startsWith('WS_ERR_') !== true) return
    this.#onFault?.(tooLarge.has(error.code) ? 'websocket/large-frame' : 'websocket/bad-frame')
  }

  /** The socket has ended. */
  onSocketClosed(code: number): void {
    if (this.status !== 'open' && this.status !== 'closing') return
    if (code === 1006) this.onRemoteReset()
    else this.onTransportClosed()
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength
    this.#cork()
    if (sentBytes <= maxJoinedBytes) this.#socket.send(data.subarray(), this.#onSent)
    else for (const piece of data) this.#socket.send(piece, this.#onSent)
    const canSendMore = this.#socket.bufferedAmount < maxBufferedBytes
    if (!canSendMore) this.#isWaitingForDrain = true
    return { sentBytes, canSendMore }
  }

  override sendReset(): void {
    this.#socket.terminate()
  }

  override async sendClose(options?: AbortOptions): Promise<void> {
    // ws ends the TCP socket itself when the far end does not answer within the server's closeTimeout.
    this.#socket.close(1000)
    options?.signal?.throwIfAborted()
  }

  override sendPause(): void {
    this.#socket.pause()
  }

  override sendResume(): void {
    this.#socket.resume()
  }

  /** Frames that are sent in one turn of the event loop, as those that one read of another socket brought, leave in one system call. */
  #cork(): void {
    const { _socket: socket } = this.#socket as WebSocket & { readonly _socket?: Socket | null }
    if (this.#isCorked || socket === undefined || socket === null) return
    this.#isCorked = true
    socket.cork()
    queueMicrotask(() => {
      this.#isCorked = false
      socket.uncork()
    })
  }

  readonly #onSent = (): void => {
    if (!this.#isWaitingForDrain || this.#socket.bufferedAmount >= maxBufferedBytes / 2) return
    this.#isWaitingForDrain = false
    this.safeDispatchEvent('drain')
  }
}

const connectionOf = Symbol('connection')

/** A socket that knows whose it is. */
type OwnedSocket = WebSocket & { [connectionOf]: WebSocketConnection }

/** The listeners are the same functions for every socket: five of each socket's own would take 400 bytes of it. */
function listen(socket: WebSocket, connection: WebSocketConnection): void {
  Object.assign(socket, { [connectionOf]: connection })
  socket.binaryType = 'nodebuffer'
  socket.on('message', onFrame)
  socket.on('ping', onIdleFrame)
  socket.on('pong', onIdleFrame)
  // Without a listener a protocol error of the far end would be thrown.
  socket.on('error', onError)
  socket.once('close', onClose)
}

function onFrame(this: WebSocket, data: Buffer, isBinary: boolean): void {
  ;(this as OwnedSocket)[connectionOf].onFrame(data, isBinary)
}

function onIdleFrame(this: WebSocket): void {
  ;(this as OwnedSocket)[connectionOf].onIdleFrame()
}

function onError(this: WebSocket, error: Error): void {
  ;(this as OwnedSocket)[connectionOf].onSocketError(error)
}

function onClose(this: WebSocket, code: number): void {
  ;(this as OwnedSocket)[connectionOf].onSocketClosed(code)
}

/** Wraps an open `ws` socket for libp2p's upgrader. */
export function createWebSocketConnection(init: WebSocketConnectionInit): MultiaddrConnection {
  return new WebSocketConnection(init)
}
