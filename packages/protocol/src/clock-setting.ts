import * as v from 'valibot'

const dayMs = 24 * 3_600_000
/** A length of time in whole milliseconds, at most 30 days. */
const span = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(30 * dayMs))
const positive = v.pipe(span, v.minValue(1))
const few = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100))

/** The shape of a clock setting on the wire. [K1] */
export const clockSettingSchema = v.variant('type', [
  v.strictObject({ type: v.literal('none') }),
  v.strictObject({ type: v.literal('absolute'), mainMs: positive }),
  v.strictObject({ type: v.literal('fischer'), mainMs: positive, incrementMs: span }),
  v.strictObject({ type: v.literal('byoyomi'), mainMs: span, periodMs: positive, periods: few }),
  v.strictObject({ type: v.literal('canadian'), mainMs: span, periodMs: positive, stones: few }),
])

/** How much time the players have. Times in milliseconds. */
export type ClockSetting = v.InferOutput<typeof clockSettingSchema>

/** A player's clock after a move, and what the move took: `[spent, main, periods, overtime]` on the wire. [K2] */
export const clockAfterSchema = v.strictTuple([
  span,
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(100)),
  span,
])

/** `[spentMs, mainMs, periods, overtimeMs]`: see {@link clockAfterSchema}. */
export type ClockAfter = v.InferOutput<typeof clockAfterSchema>
