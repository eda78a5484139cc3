import type { AbortOptions, MessageStream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'

import { leanMessageStream } from '../streams/lean-message-stream.ts'
import type { Ciphers } from './noise-ciphers.ts'

/** Noise messages have two bytes of length before them. */
const lengthBytes = 2
const tagBytes = 16
const maxPlainBytes = 65_535 - tagBytes

const LeanChannel = leanMessageStream(AbstractMessageStream)

/** An encrypted connection: Noise messages on top of a raw one. */
export class NoiseChannel extends LeanChannel {
  readonly #below: MessageStream
  readonly #ciphers: Ciphers
  /** The beginning of a message whose rest is still to come. */
  #rest: Uint8ArrayList | undefined

  constructor(below: MessageStream, ciphers: Ciphers) {
    super({
      log: below.log,
      direction: below.direction,
      inactivityTimeout: below.inactivityTimeout,
      maxReadBufferLength: below.maxReadBufferLength,
    })
    this.#below = below
    this.#ciphers = ciphers
    for (const type of ['message', 'close', 'drain', 'remoteCloseWrite'] as const) below.addEventListener(type, this)
  }

  /** What happens to the raw connection; one listener for all of it. */
  handleEvent(event: Event): void {
    if (event.type === 'message') this.#onSealed((event as StreamMessageEvent).data)
    else if (event.type === 'close') this.#onBelowClosed(event)
    else if (event.type === 'drain') this.safeDispatchEvent('drain')
    else this.onRemoteCloseWrite()
  }

  async close(options?: AbortOptions): Promise<void> {
    await this.#below.close(options)
  }

  override sendPause(): void {
    this.#below.pause()
  }

  override sendResume(): void {
    this.#below.resume()
  }

  override sendReset(error: Error): void {
    this.#below.abort(error)
  }

  override send(data: Uint8Array | Uint8ArrayList): boolean {
    // The raw connection queues and counts; a second queue here would only copy.
    if (this.writeStatus !== 'writable' || this.writeBuffer.byteLength > 0) return super.send(data)
    return this.#below.send(this.#seal(data))
  }

  override sendData(data: Uint8ArrayList): SendResult {
    return { sentBytes: data.byteLength, canSendMore: this.#below.send(this.#seal(data)) }
  }

  #seal(data: Uint8Array | Uint8ArrayList): Uint8ArrayList {
    const messages = new Uint8ArrayList()
    for (let at = 0; at < data.byteLength; at += maxPlainBytes) {
      const end = Math.min(at + maxPlainBytes, data.byteLength)
      const isWhole = at === 0 && end === data.byteLength
      const part = isWhole ? data : data instanceof Uint8Array ? data.subarray(at, end) : data.sublist(at, end)
      const sealed = this.#ciphers.encrypt(part)
      messages.append(Uint8Array.of(sealed.byteLength >>> 8, sealed.byteLength))
      messages.append(sealed)
    }
    return messages
  }

  #onSealed(data: Uint8Array | Uint8ArrayList): void {
    try {
      if (data instanceof Uint8Array) this.#open(data)
      else for (const piece of data) this.#open(piece)
    } catch (error) {
      this.abort(error as Error)
    }
  }

  #open(bytes: Uint8Array): void {
    let at = 0
    if (this.#rest !== undefined) {
      at = this.#complete(this.#rest, bytes)
    }
    while (bytes.byteLength - at >= lengthBytes) {
      const end = at + lengthBytes + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
      if (end > bytes.byteLength) break
      this.#deliver(bytes.subarray(at + lengthBytes, end))
      at = end
    }
    // What is kept is copied: a few bytes must not hold on to the whole that they came with.
    if (at < bytes.byteLength) this.#rest = new Uint8ArrayList(bytes.slice(at))
  }

  /** Adds to the message that had begun; answers how many bytes were its own. */
  #complete(rest: Uint8ArrayList, bytes: Uint8Array): number {
    let at = 0
    for (let missing = missingBytes(rest); missing > 0; missing = missingBytes(rest)) {
      if (at === bytes.byteLength) return at
      const end = Math.min(bytes.byteLength, at + missing)
      rest.append(bytes.slice(at, end))
      at = end
    }
    this.#rest = undefined
    this.#deliver(rest.subarray(lengthBytes))
    return at
  }

  #deliver(sealed: Uint8Array): void {
    if (sealed.byteLength < tagBytes) throw new Error('a Noise message without its tag')
    const plain = this.#ciphers.decrypt(sealed, sealed.subarray(0, sealed.byteLength - tagBytes))
    this.onData(plain)
  }

  #onBelowClosed({ error, local }: StreamCloseEvent): void {
    this.#rest = undefined
    if (error === undefined || error === null) this.onTransportClosed()
    else if (local === true) this.abort(error)
    else this.onRemoteReset()
  }
}

function missingBytes(rest: Uint8ArrayList): number {
  if (rest.byteLength < lengthBytes) return lengthBytes - rest.byteLength
  return lengthBytes + rest.getUint16(0) - rest.byteLength
}
