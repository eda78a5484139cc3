/** How many senders are told apart; the rest is counted under {@link otherSenders}. */
const maxSenders = 64

/** The name under which refusals of senders beyond the ceiling are counted. */
const otherSenders = 'others'

/** Counts what was refused, by code and by sender. Bounded. */
export class Refusals {
  readonly #byCode = new Map<string, number>()
  readonly #bySender = new Map<string, Map<string, number>>()

  count(from: string, code: string): void {
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + 1)
    const isRoom = this.#bySender.has(from) || this.#bySender.size < maxSenders
    const sender = isRoom ? from : otherSenders
    const counts = this.#bySender.get(sender) ?? new Map<string, number>()
    counts.set(code, (counts.get(code) ?? 0) + 1)
    this.#bySender.set(sender, counts)
  }

  byCode(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byCode)
  }

  bySender(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries([...this.#bySender].map(([sender, counts]) => [sender, Object.fromEntries(counts)]))
  }
}
