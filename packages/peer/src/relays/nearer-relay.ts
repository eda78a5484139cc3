import type { RelayKeeper } from './relay-keeper.ts'

/** A slot that had better be elsewhere. */
export interface Move {
  readonly from: RelayKeeper
  readonly to: RelayKeeper
}

/** Relays in reserve that are measured in one round; those not measured for longest, or never, in turns. */
const maxMeasured = 3
/** Clearly nearer: at most half as far, and by so much that somebody could feel it. */
const share = 0.5
const marginMs = 20

/**
 * Finds out that a relay in reserve is clearly nearer than one that holds a slot. Both are measured in the same way, and what one round says
 * must be said by the next one too: lines are slow for moments, and a move costs two handshakes.
 */
export class NearerRelay {
  #turn = 0
  #found: Move | undefined

  async look(
    held: readonly RelayKeeper[],
    spare: readonly RelayKeeper[],
    signal: AbortSignal,
  ): Promise<Move | undefined> {
    const before = this.#found
    this.#found = undefined
    const turned = [...spare.slice(this.#turn % spare.length), ...spare.slice(0, this.#turn % spare.length)]
    this.#turn += 1
    const others = turned.filter(keeper => keeper !== before?.to).slice(0, maxMeasured - 1)
    const measured = before !== undefined && spare.includes(before.to) ? [before.to, ...others] : others
    const far = (await measure(held, signal)).at(-1)
    const near = (await measure(measured, signal))[0]
    // One that holds a slot and does not say how far it is is not left for that.
    if (far === undefined || near === undefined || !near.keeper.hasRoom) return undefined
    if (near.ms > far.ms * share || near.ms > far.ms - marginMs) return undefined
    this.#found = { from: far.keeper, to: near.keeper }
    return before?.from === far.keeper && before.to === near.keeper ? this.#found : undefined
  }
}

/** One after the other, so that they do not slow each other; the nearest first. */
async function measure(
  keepers: readonly RelayKeeper[],
  signal: AbortSignal,
): Promise<{ readonly keeper: RelayKeeper; readonly ms: number }[]> {
  const measured = []
  for (const keeper of keepers) {
    const ms = await keeper.measure(signal)
    if (ms !== undefined) measured.push({ keeper, ms })
  }
  return measured.toSorted((one, other) => one.ms - other.ms)
}
