import { createSocket } from 'node:dgram'

import type { Certificate } from '../certificates/certificate.ts'
import type { Binding, NativeRequest, NativeServer } from '../native/binding.ts'
import { WebTransportError } from '../webtransport-error.ts'

/** A port that was free may be gone when it is bound. */
const bindAttempts = 8
/** What a lane's last visitor had under way when it was turned away ends within this time. */
const quarantineMs = 250
const serviceUnavailable = 503

/**
 * A native endpoint on a loopback port, for one visitor at a time. Thus the request that it answers with is known to be its visitor's,
 * which the native part does not tell.
 */
export class Lane {
  readonly port: number
  readonly certificate: Certificate
  readonly #binding: Binding
  readonly #server: NativeServer
  #onRequest: ((request: NativeRequest) => void) | undefined
  #isFreeAt = 0
  #isEnding = false

  /** @throws WebTransportError `webtransport/listen-failed` */
  static async open(binding: Binding, certificate: Certificate): Promise<Lane> {
    let reason: unknown
    for (let attempt = 0; attempt < bindAttempts; attempt += 1) {
      const port = await freeLoopbackPort()
      try {
        const server = binding.NapiServer.bind(`127.0.0.1:${port}`, certificate.pem, certificate.keyPem)
        return new Lane(binding, server, certificate, port)
      } catch (error) {
        reason = error
      }
    }
    throw new WebTransportError('webtransport/listen-failed', 'No loopback port could be bound for QUIC.', reason)
  }

  private constructor(binding: Binding, server: NativeServer, certificate: Certificate, port: number) {
    this.#binding = binding
    this.#server = server
    this.certificate = certificate
    this.port = port
    this.#accept().catch(() => {})
  }

  isFree(nowMs: number): boolean {
    return this.#onRequest === undefined && nowMs >= this.#isFreeAt
  }

  /**
   * The next request is this visitor's. After it the endpoint takes nobody else, and lives as long as the connection.
   */
  take(onRequest: (request: NativeRequest) => void): void {
    this.#onRequest = onRequest
  }

  /** The visitor made no request; the lane is free again soon. */
  release(nowMs: number): void {
    this.#onRequest = undefined
    this.#isFreeAt = nowMs + quarantineMs
  }

  /**
   * Ends an endpoint that waits. Nothing in the native part ends a wait but a request, so it gets one.
   */
  async end(): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    const client = this.#binding.NapiClient.withCertificateHashes([Buffer.from(this.certificate.sha256)])
    await client.connect(`https://127.0.0.1:${this.port}/`).catch(() => {})
  }

  async #accept(): Promise<void> {
    for (;;) {
      const request = await this.#server.accept()
      if (request === null) return
      const onRequest = this.#onRequest
      if (!this.#isEnding && onRequest === undefined) {
        await request.reject(serviceUnavailable).catch(() => {})
        continue
      }
      // Only now, when no accept is under way, does this return at once.
      this.#server.close()
      if (this.#isEnding) await request.reject(serviceUnavailable).catch(() => {})
      else onRequest?.(request)
      return
    }
  }
}

async function freeLoopbackPort(): Promise<number> {
  const socket = createSocket('udp4')
  try {
    return await new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ address: '127.0.0.1', port: 0, exclusive: true }, () => resolve(socket.address().port))
    })
  } finally {
    socket.close()
  }
}
