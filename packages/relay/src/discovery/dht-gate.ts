import type { Connection, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import { ExpiringBook, TokenBucket } from '@tsugi/bounded'
import type { Uint8ArrayList } from 'uint8arraylist'

import type { Refusals } from '../refusals.ts'

/** A round of the rendezvous takes some dozen requests of a relay; whoever sends more spends our CPU, some 50 µs each. */
const requestsPerSecond = 20
const requestBurst = 200
/** Of so many peers the rate is remembered; the least recently seen is forgotten first. */
const maxRemembered = 10_000
/** By then every bucket is full again. */
const memoryMs = 60_000

/** What {@link gateDht} replaces in the parts that a libp2p service is made of. */
interface Handling {
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
}

/**
 * Lets the DHT take streams only through a gate: a peer that sends more requests than {@link requestsPerSecond} loses its stream. The DHT
 * itself answers as many as come, and libp2p's own middleware keeps one entry for each stream that there ever was.
 *
 * @param create - makes the service of its parts
 */
export function gateDht<Service>(
  create: (components: never) => Service,
  refusals: Pick<Refusals, 'add'>,
): (components: { readonly registrar: Handling }) => Service {
  const rates = new ExpiringBook<string, TokenBucket>({ capacity: maxRemembered, ttlMs: memoryMs })
  const watch = (stream: Stream, connection: Connection): void => {
    const peer = connection.remotePeer.toString()
    const bucket = rates.get(peer) ?? new TokenBucket({ capacity: requestBurst, refillPerSecond: requestsPerSecond })
    rates.set(peer, bucket)
    const frames = new FrameCounter()
    const onMessage = ({ data }: { data: Uint8Array | Uint8ArrayList }): void => {
      for (const part of data instanceof Uint8Array ? [data] : data) {
        const begun = frames.add(part)
        if (begun === 0 || bucket.tryTake(begun)) continue
        stream.removeEventListener('message', onMessage)
        refusals.add('dht/rate', peer)
        stream.abort(new Error('dht/rate'))
        return
      }
    }
    stream.addEventListener('message', onMessage)
  }
  return components => {
    const registrar = replaced(components.registrar, 'handle', (protocol, handler, options) =>
      components.registrar.handle(
        protocol,
        (stream, connection) => {
          watch(stream, connection)
          return handler(stream, connection)
        },
        options,
      ),
    )
    return create(replaced(components, 'registrar', registrar) as never)
  }
}

/** Counts the messages that begin in a stream of them, each behind its length. */
export class FrameCounter {
  /** What is left of a message's body. */
  #left = 0
  /** Of a length that is being read. */
  #length = 0
  #factor = 1

  /** @returns how many messages had their length completed in these bytes */
  add(bytes: Uint8Array): number {
    let begun = 0
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at)
        this.#left -= skipped
        at += skipped
        continue
      }
      const byte = bytes[at] ?? 0
      at += 1
      this.#length += (byte & 0x7f) * this.#factor
      this.#factor *= 0x80
      if (byte >= 0x80) continue
      begun += 1
      this.#left = this.#length
      this.#length = 0
      this.#factor = 1
    }
    return begun
  }
}

/** The same object with one property in another's place. libp2p's parts are proxies, of which nothing can be copied. */
function replaced<T extends object, Name extends keyof T>(target: T, name: Name, value: T[Name]): T {
  return new Proxy(target, {
    get(_, key) {
      if (key === name) return value
      const found: unknown = Reflect.get(target, key)
      return typeof found === 'function' ? (found.bind(target) as unknown) : found
    },
  })
}
