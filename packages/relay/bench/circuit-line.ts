import { LightPeer, type LightStream } from '@tsugi/testkit/light-peer'

/** A circuit between two light peers. */
export class CircuitLine {
  readonly near: LightStream
  readonly #peers: readonly LightPeer[]
  #arrivedBytes = 0
  #wanted = { bytes: Number.POSITIVE_INFINITY, reached: (): void => {} }
  #answered: () => void = () => {}

  private constructor(near: LightStream, far: LightStream, peers: readonly LightPeer[], isReading: boolean) {
    this.near = near
    this.#peers = peers
    near.consume(() => this.#answered())
    if (isReading) far.consume(bytes => this.#onFar(far, bytes))
  }

  /** @param isReading - whether the far end takes what comes */
  static async open(url: string, isReading = true): Promise<CircuitLine> {
    const [caller, target] = [await LightPeer.connect(url), await LightPeer.connect(url)]
    const accepted = new Promise<LightStream>(resolve => target.onCircuit(resolve))
    if ((await target.reserve()) !== 100) throw new Error('no reservation')
    const { status, stream } = await caller.connect(target.id)
    if (status !== 100) throw new Error(`no circuit: ${status}`)
    return new CircuitLine(stream, await accepted, [caller, target], isReading)
  }

  get arrivedBytes(): number {
    return this.#arrivedBytes
  }

  /** Sends pieces, and resolves when all have arrived. Small ones go one by one, as from an application. */
  async transfer(pieceBytes: number, totalBytes: number): Promise<void> {
    const piece = new Uint8Array(pieceBytes).fill(7)
    const arrived = new Promise<void>(resolve => {
      this.#wanted = { bytes: this.#arrivedBytes + totalBytes, reached: resolve }
    })
    for (let sent = 0, turn = 0; sent < totalBytes; sent += pieceBytes, turn += 1) {
      await this.near.write(piece)
      if (pieceBytes < 1_000 && turn % 8 === 7) await new Promise(resolve => setImmediate(resolve))
    }
    await arrived
  }

  /** Sends evenly until it is told to stop; answers how. */
  flow(bytesPerSecond: number): () => Promise<void> {
    const over = new AbortController()
    const piece = new Uint8Array(16_384).fill(7)
    const startedAt = performance.now()
    const sending = (async () => {
      for (let sent = 0; !over.signal.aborted;) {
        const due = ((performance.now() - startedAt) / 1_000) * bytesPerSecond
        for (; sent < due && !over.signal.aborted; sent += piece.length) await this.near.write(piece)
        await new Promise(resolve => setTimeout(resolve, 1))
      }
    })()
    return async () => {
      over.abort()
      await sending
    }
  }

  /** The time of one round trip of 200 bytes, ms. */
  async roundTrip(): Promise<number> {
    const startedAt = performance.now()
    const answered = new Promise<void>(resolve => {
      this.#answered = resolve
    })
    await this.near.write(ping)
    await answered
    return performance.now() - startedAt
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map(peer => peer.cut()))
  }

  #onFar(far: LightStream, bytes: Uint8Array): void {
    this.#arrivedBytes += bytes.length
    if (bytes.length === ping.length && bytes[0] === ping[0]) void far.write(bytes).catch(() => {})
    if (this.#arrivedBytes < this.#wanted.bytes) return
    this.#wanted.bytes = Number.POSITIVE_INFINITY
    this.#wanted.reached()
  }
}

/** What the far end sends back. */
const ping = new Uint8Array(200).fill(9)
