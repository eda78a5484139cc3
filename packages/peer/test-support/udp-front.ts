import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'

import { onTestFinished } from 'vitest'

/** A UDP port before another one, which can fall silent as the way through a network does. */
export class UdpFront {
  readonly #outer = createSocket('udp4')
  /** By the client's port: the socket that speaks for it. */
  readonly #inner = new Map<number, Socket>()
  #isOpen = true

  /** Stands before a port of this machine; it ends with its test. Answers its own port. */
  async standBefore(port: number): Promise<number> {
    this.#outer.on('message', (data, { port: client }) => {
      if (!this.#isOpen) return
      const inner = this.#inner.get(client) ?? this.#speakFor(client)
      inner.send(data, port, '127.0.0.1')
    })
    this.#outer.bind(0, '127.0.0.1')
    await once(this.#outer, 'listening')
    onTestFinished(() => {
      for (const socket of [this.#outer, ...this.#inner.values()]) socket.close()
    })
    return this.#outer.address().port
  }

  /** From now on nothing passes, and nobody is told. */
  fallSilent(): void {
    this.#isOpen = false
  }

  #speakFor(client: number): Socket {
    const inner = createSocket('udp4')
    inner.on('message', data => {
      if (this.#isOpen) this.#outer.send(data, client, '127.0.0.1')
    })
    this.#inner.set(client, inner)
    return inner
  }
}
