import { setTimeout as sleep } from 'node:timers/promises'

import type { Peer } from '@tsugi/peer'
import { type PeerStream, openStreams } from '@tsugi/peer/streams'

/** What has come of a player's streams. */
export interface CountResult {
  /** Streams that ended before their time, by code. */
  readonly endings: readonly string[]
  /** Of all streams, how often one was carried by another line than before. */
  readonly carried: number
  readonly sent: number
  readonly received: number
  /** Numbers that were lost, doubled or out of order, as sentences. */
  readonly wrongs: readonly string[]
}

const protocol = 'chaos/count'
/** Each number with so much after it that a cut falls into its middle, now and then. */
const recordBytes = 251
const everyMs = 40
const tellEveryMs = 250
const reopenMs = 500

/** Sends running numbers over streams and checks those that come: each stream begins with 0, and its numbers follow each other. */
export class StreamCounter {
  readonly #peer: Peer
  readonly #endings: string[] = []
  readonly #wrongs: string[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #onReceived: (received: number, route: string | null) => void
  #toldAt = 0
  #carried = 0
  #sent = 0
  #received = 0
  #isStopping = false

  /** @param onReceived - called now and then with how many have come, and which way */
  constructor(peer: Peer, onReceived: (received: number, route: string | null) => void) {
    this.#peer = peer
    this.#onReceived = onReceived
    openStreams(peer).handle(protocol, stream => this.#run(stream))
  }

  /** Opens a stream to another player, and another one whenever that has ended. */
  count(peer: string): void {
    const run = async (): Promise<void> => {
      while (!this.#isStopping) {
        const stream = await openStreams(this.#peer)
          .open(peer, protocol)
          .catch(() => undefined)
        if (stream === undefined) await sleep(reopenMs)
        else await this.#run(stream)
      }
    }
    void this.#keep(run())
  }

  /** Ends them in order, as far as they are our own, and tells what has come of all. */
  async stop(): Promise<CountResult> {
    this.#isStopping = true
    await Promise.all(this.#running)
    return {
      endings: this.#endings,
      carried: this.#carried,
      sent: this.#sent,
      received: this.#received,
      wrongs: this.#wrongs,
    }
  }

  #run(stream: PeerStream): Promise<void> {
    stream.addEventListener('carried', () => (this.#carried += 1))
    const over = new AbortController()
    const run = async (): Promise<void> => {
      const [count] = await Promise.allSettled([this.#read(stream, over), this.#write(stream, over.signal)])
      const end = await stream.closed
      if (!end.ok) this.#endings.push(end.code)
      else if (count.status === 'rejected')
        this.#wrongs.push(`a stream that ended well could not be read: ${count.reason}`)
    }
    return this.#keep(run())
  }

  /** Until the other end has ended; then we do. */
  async #read(stream: PeerStream, over: AbortController): Promise<void> {
    let held = Buffer.alloc(0)
    let expected = 0
    try {
      for await (const bytes of stream.readable) {
        held = Buffer.concat([held, bytes])
        for (; held.length >= recordBytes; held = held.subarray(recordBytes)) {
          const number = held.readUInt32LE(0)
          if (number !== expected) this.#wrongs.push(`${number} came where ${expected} was due`)
          else if (held.subarray(4, recordBytes).some(byte => byte !== number % 256))
            this.#wrongs.push(`${number} came with other bytes than were sent`)
          expected = number + 1
          this.#received += 1
        }
        if (performance.now() - this.#toldAt < tellEveryMs) continue
        this.#toldAt = performance.now()
        this.#onReceived(this.#received, stream.route)
      }
      if (held.length > 0) this.#wrongs.push(`${held.length} bytes of a number were left over`)
    } finally {
      over.abort()
    }
  }

  async #write(stream: PeerStream, theirEnd: AbortSignal): Promise<void> {
    const writer = stream.writable.getWriter()
    for (let number = 0; !this.#isStopping && !theirEnd.aborted; number += 1) {
      const record = Buffer.alloc(recordBytes, number % 256)
      record.writeUInt32LE(number)
      await writer.write(record)
      this.#sent += 1
      await sleep(everyMs)
    }
    await writer.close()
  }

  #keep(run: Promise<void>): Promise<void> {
    this.#running.add(run)
    return run.finally(() => this.#running.delete(run))
  }
}
