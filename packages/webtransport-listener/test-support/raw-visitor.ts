import { createSocket } from 'node:dgram'
import { once } from 'node:events'

import type { Libp2p } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import { base64url } from 'multiformats/bases/base64'
import * as digest from 'multiformats/hashes/digest'

import { WebTransportListener } from '../src/listener.ts'
import { loadBinding } from '../src/native/binding.ts'
import type { SessionPort } from '../src/session/session-port.ts'

/** Asks for a session at a path, as somebody who is not libp2p would; rejects with the status in its message. */
export function askFor(listener: Libp2p, path: string): Promise<SessionPort> {
  const address = String(listener.getMultiaddrs()[0])
  const hashes = address.match(/uEi[\w-]+/g) ?? []
  const client = loadBinding().NapiClient.withCertificateHashes(
    hashes.map(each => Buffer.from(digest.decode(base64url.decode(each)).digest)),
  )
  return client.connect(`https://127.0.0.1:${portOf(listener)}${path}`)
}

/** The UDP port of a listener. */
export function portOf(listener: Libp2p): number {
  return Number(/udp\/(\d+)/.exec(String(listener.getMultiaddrs()[0]))?.[1])
}

/** The WebTransport listener below a node, for its figures. */
export function listenerOf(node: Libp2p): WebTransportListener {
  const { components } = node as unknown as { components: { transportManager: TransportManager } }
  const found = components.transportManager.getListeners().find(each => each instanceof WebTransportListener)
  if (found === undefined) throw new Error('The node has no WebTransport listener.')
  return found
}

/** A UDP socket of a stranger on loopback. */
export class Stranger implements Disposable {
  readonly #socket = createSocket('udp4')
  readonly #port: number
  readonly heard: Buffer[] = []

  constructor(port: number) {
    this.#port = port
    this.#socket.on('message', message => this.heard.push(message))
  }

  async send(datagram: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#socket.send(datagram, this.#port, '127.0.0.1', error => (error === null ? resolve() : reject(error))),
    )
  }

  async answer(): Promise<Buffer> {
    if (this.heard.length === 0) await once(this.#socket, 'message')
    return this.heard[0] ?? Buffer.alloc(0)
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}

/** A datagram that looks like the first of a QUIC connection, and whose inside is noise. */
export function falseInitial(version = 1): Uint8Array {
  const datagram = crypto.getRandomValues(new Uint8Array(1_200))
  datagram[0] = 0xc3
  new DataView(datagram.buffer).setUint32(1, version)
  datagram[5] = 8
  datagram[14] = 4
  return datagram
}
