import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

import { TaskGroup, type Timers, systemTimers } from '@tsugi/bounded'

import { type AddressSet, addressKey } from '../addresses/address-prefix.ts'

/** A request's headers arrive in one packet, as a rule; on a bad line in some seconds. */
const deadlineMs = 10_000
const sweepMs = 1_000
/** TCP sockets without a request, of everybody together. */
const maxSockets = 1_024

/**
 * Why a socket without a request was closed: its time was over, with a part of the headers there or without a byte, as browsers leave those that
 * they open in advance; it was the oldest of too many; its address has too many.
 */
export type UnfinishedReason = 'http/slow-headers' | 'http/unused' | 'http/unfinished' | 'http/address'

/** What {@link UnfinishedSockets} wants to know. */
export interface UnfinishedSocketsOptions {
  readonly server: Server
  /** Sockets without a request of one address (an IPv6 /64 counts as one); proxies that are trusted have no such limit. */
  readonly maxPerAddress: number
  readonly trustedProxies: AddressSet
  readonly onRefused: (reason: UnfinishedReason) => void
  readonly timers?: Timers
}

interface Unfinished {
  /** Empty for a trusted proxy. */
  readonly address: string
  readonly sinceMs: number
  readonly onClose: () => void
}

/**
 * Bounds the TCP sockets that have connected and not finished a request's headers: those that say nothing, and those that say it a letter at
 * a time. Beyond the ceiling the oldest goes, because whoever is honest is done in a moment; so nobody can keep others out.
 */
export class UnfinishedSockets {
  readonly #options: UnfinishedSocketsOptions
  readonly #timers: Timers
  readonly #tasks: TaskGroup
  /** The oldest first. */
  readonly #sockets = new Map<Socket, Unfinished>()
  readonly #byAddress = new Map<string, number>()

  constructor(options: UnfinishedSocketsOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#tasks = new TaskGroup({ name: 'unfinished sockets', timers: this.#timers })
  }

  get size(): number {
    return this.#sockets.size
  }

  start(): void {
    const { server } = this.#options
    server.on('connection', this.#onConnection)
    server.on('request', this.#onRequest)
    server.on('upgrade', this.#onRequest)
    this.#tasks.interval('sweep', sweepMs, () => this.#sweep())
  }

  /** Lets go of the server; sockets that are open stay its own. */
  async stop(): Promise<void> {
    const { server } = this.#options
    server.off('connection', this.#onConnection)
    server.off('request', this.#onRequest)
    server.off('upgrade', this.#onRequest)
    for (const socket of this.#sockets.keys()) this.#release(socket)
    await this.#tasks.stop()
  }

  readonly #onConnection = (socket: Socket): void => {
    const { maxPerAddress, trustedProxies } = this.#options
    const remote = socket.remoteAddress ?? ''
    const address = trustedProxies.has(remote) ? '' : addressKey(remote)
    const count = this.#byAddress.get(address) ?? 0
    const onClose = (): void => this.#release(socket)
    this.#byAddress.set(address, count + 1)
    this.#sockets.set(socket, { address, sinceMs: this.#timers.now(), onClose })
    socket.once('close', onClose)
    const [oldest] = this.#sockets.keys()
    if (address !== '' && count >= maxPerAddress) this.#refuse(socket, 'http/address')
    else if (this.#sockets.size > maxSockets && oldest !== undefined) this.#refuse(oldest, 'http/unfinished')
  }

  readonly #onRequest = ({ socket }: IncomingMessage): void => this.#release(socket)

  #release(socket: Socket): void {
    const unfinished = this.#sockets.get(socket)
    if (unfinished === undefined) return
    const { address, onClose } = unfinished
    this.#sockets.delete(socket)
    socket.off('close', onClose)
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }

  #refuse(socket: Socket, reason: UnfinishedReason): void {
    this.#release(socket)
    this.#options.onRefused(reason)
    socket.destroy()
  }

  #sweep(): void {
    const before = this.#timers.now() - deadlineMs
    for (const [socket, { sinceMs }] of this.#sockets) {
      if (sinceMs > before) return
      this.#refuse(socket, socket.bytesRead === 0 ? 'http/unused' : 'http/slow-headers')
    }
  }
}
