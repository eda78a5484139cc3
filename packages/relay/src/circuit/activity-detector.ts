/**
 * What lives keeps itself alive: js-libp2p's yamux pings every 30 s inside a circuit, its connection monitor and rust's ping every 10 to 15 s, and
 * each has an answer. All of it is sealed, so only size and time tell it from a game. A yamux ping is 30 bytes with Noise's tag, a ping of
 * 32 bytes 62, the name of its protocol 68. A message of 200 bytes is above this even when it comes in two halves.
 */
export const smallBytes = 96
/** Keep-alives never pause so long: what is small and comes after such a silence is no keep-alive. */
export const silenceMs = 90_000
/** Two js-libp2p ends that do all of this send 30 small messages in 10 s, and twice as many in a span into which two rounds fall. */
const spanMs = 10_000
const keepAlivesInSpan = 80

const slots = 3

/**
 * Tells whether a circuit is used, or only kept alive. A message is use when it is not small, when it comes after a silence, or when more small
 * ones come than keep-alives ever are. 24 bytes a circuit.
 */
export class ActivityDetector {
  /** For each place: when something came last, when the span began, small messages in it. */
  #figures = new Float64Array(0)

  /** Makes room for so many places. */
  grow(capacity: number): void {
    const bigger = new Float64Array(capacity * slots)
    bigger.set(this.#figures)
    this.#figures = bigger
  }

  /** A circuit begins at a place. */
  begin(place: number, nowMs: number): void {
    const at = place * slots
    this.#figures[at] = nowMs
    this.#figures[at + 1] = nowMs
    this.#figures[at + 2] = 0
  }

  /** @returns whether a message that came is use */
  isUse(place: number, bytes: number, nowMs: number): boolean {
    const figures = this.#figures
    const at = place * slots
    const silentMs = nowMs - (figures[at] ?? 0)
    figures[at] = nowMs
    if (bytes >= smallBytes || silentMs >= silenceMs) return true
    if (nowMs - (figures[at + 1] ?? 0) >= spanMs) {
      figures[at + 1] = nowMs
      figures[at + 2] = 0
    }
    const small = (figures[at + 2] ?? 0) + 1
    figures[at + 2] = small
    return small > keepAlivesInSpan
  }
}
