import { LightPeer, type LightStream } from '@tsugi/testkit/light-peer'

/** How often each pair sends while it sends evenly. */
const sliceMs = 50

interface Pair {
  readonly caller: LightPeer
  readonly target: LightPeer
  readonly stream: LightStream
  readonly received: Received
  sent: number
}

/** What a far end has received, checked byte by byte. */
class Received {
  bytes = 0
  wrong = 0
  #wanted = 0
  #wake: () => void = () => {}

  add(data: Uint8Array): void {
    for (let index = 0; index < data.length; index += 1) {
      if (data[index] !== byteAt(this.bytes + index)) this.wrong += 1
    }
    this.bytes += data.length
    if (this.bytes >= this.#wanted) this.#wake()
  }

  async until(bytes: number): Promise<void> {
    if (this.bytes >= bytes) return
    this.#wanted = bytes
    await new Promise<void>(resolve => {
      this.#wake = resolve
    })
  }
}

/** A pattern whose period no buffer's size shares, so that a piece that is missing, doubled or moved shows. */
const period = 65_521
const pattern = Buffer.alloc(
  period * 2,
  Buffer.from(Array.from({ length: period }, (_none, index) => (index * 31) % 251)),
)
const byteAt = (at: number): number => pattern[at % period] ?? 0
function patternFrom(at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let filled = 0; filled < length;) {
    const start = (at + filled) % period
    filled += pattern.copy(bytes, filled, start, Math.min(period * 2, start + length - filled))
  }
  return bytes
}

/** What the circuits have carried. */
export interface TrafficResult {
  readonly sent: number
  readonly received: number
  readonly wrong: number
  readonly elapsedMs: number
}

/** Pairs of peers with a circuit between them; every byte is checked at the far end. */
export class Traffic {
  readonly #pairs: readonly Pair[]

  private constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs
  }

  static async open(relayUrl: string, count: number): Promise<Traffic> {
    const url = relayUrl.replace(/^http/, 'ws')
    const pairs = await Promise.all(
      Array.from({ length: count }, async () => {
        const [caller, target] = [await LightPeer.connect(url), await LightPeer.connect(url)]
        const received = new Received()
        target.onCircuit(far => far.consume(bytes => received.add(bytes)))
        const reserved = await target.reserve()
        const { status, stream } = await caller.connect(target.id)
        if (reserved !== 100 || status !== 100) throw new Error(`no circuit: ${reserved}, ${status}`)
        return { caller, target, stream, received, sent: 0 }
      }),
    )
    return new Traffic(pairs)
  }

  /** Sends so much a second, shared evenly by the pairs. */
  flow(bytesPerSecond: number, durationMs: number): Promise<TrafficResult> {
    const total = Math.floor(((bytesPerSecond / this.#pairs.length) * durationMs) / 1_000)
    return this.#measure(async pair => {
      const startedAt = performance.now()
      for (let sent = 0; sent < total;) {
        const due = Math.min(total, Math.ceil(((performance.now() - startedAt + sliceMs) / durationMs) * total))
        await this.#send(pair, due - sent)
        sent = due
        await new Promise(resolve => setTimeout(resolve, sliceMs))
      }
    })
  }

  /** All pairs send so much as fast as they can. */
  burst(bytes: number): Promise<TrafficResult> {
    return this.#measure(pair => this.#send(pair, bytes))
  }

  async close(): Promise<void> {
    for (const { stream } of this.#pairs) stream.finish()
    await Promise.all(this.#pairs.flatMap(({ caller, target }) => [caller.close(), target.close()]))
  }

  async #send(pair: Pair, bytes: number): Promise<void> {
    const at = pair.sent
    pair.sent += bytes
    await pair.stream.write(patternFrom(at, bytes))
  }

  async #measure(send: (pair: Pair) => Promise<void>): Promise<TrafficResult> {
    const startedAt = performance.now()
    const before = this.#totals()
    await Promise.all(
      this.#pairs.map(async pair => {
        await send(pair)
        await pair.received.until(pair.sent)
      }),
    )
    const after = this.#totals()
    return {
      sent: after.sent - before.sent,
      received: after.received - before.received,
      wrong: after.wrong - before.wrong,
      elapsedMs: performance.now() - startedAt,
    }
  }

  #totals(): { sent: number; received: number; wrong: number } {
    const sum = (value: (pair: Pair) => number): number => this.#pairs.reduce((total, pair) => total + value(pair), 0)
    return {
      sent: sum(pair => pair.sent),
      received: sum(pair => pair.received.bytes),
      wrong: sum(pair => pair.received.wrong),
    }
  }
}
