import type { Certificate } from '../certificates/certificate.ts'
import type { Binding, NativeRequest } from '../native/binding.ts'
import { Lane } from './lane.ts'

/** Lanes that are kept open for whoever comes next. */
const spareLanes = 2

/** The lanes that wait for visitors, with the certificate in use. A lane whose visitor got in is no longer among them. */
export class Lanes {
  readonly #binding: Binding
  readonly #certificate: () => Certificate
  readonly #now: () => number
  readonly #waiting = new Set<Lane>()
  #isClosed = false

  constructor(binding: Binding, certificate: () => Certificate, now: () => number) {
    this.#binding = binding
    this.#certificate = certificate
    this.#now = now
  }

  get size(): number {
    return this.#waiting.size
  }

  /** A lane for a visitor, opened when none is free. */
  async take(onRequest: (request: NativeRequest) => void): Promise<Lane> {
    const certificate = this.#certificate()
    const now = this.#now()
    const free = [...this.#waiting].find(each => each.certificate === certificate && each.isFree(now))
    const lane = free ?? (await this.#open(certificate))
    lane.take(request => {
      this.#waiting.delete(lane)
      onRequest(request)
    })
    return lane
  }

  /** The visitor did not get as far as a request. */
  release(lane: Lane): void {
    if (!this.#waiting.has(lane)) return
    lane.release(this.#now())
    this.prune()
  }

  /** Ends lanes with a certificate that is no longer in use, and those that are too many. */
  prune(): void {
    const certificate = this.#certificate()
    const now = this.#now()
    let spare = spareLanes
    for (const lane of this.#waiting) {
      if (!lane.isFree(now)) continue
      if (!this.#isClosed && lane.certificate === certificate && spare > 0) spare -= 1
      else void this.#end(lane)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#waiting].map(lane => this.#end(lane)))
  }

  async #open(certificate: Certificate): Promise<Lane> {
    const lane = await Lane.open(this.#binding, certificate)
    this.#waiting.add(lane)
    return lane
  }

  #end(lane: Lane): Promise<void> {
    this.#waiting.delete(lane)
    return lane.end()
  }
}
