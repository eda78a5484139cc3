import * as v from 'valibot'

import { byteString, bytesOf } from './byte-string.ts'
import { clockAfterSchema, clockSettingSchema } from './clock-setting.ts'
import { playerNameSchema } from './player-name.ts'

const whole = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(max))
const seat = whole(63)
const clock = v.optional(clockAfterSchema)
const nothing = v.strictObject({})

/** The body of each kind of record, as it stands in the signed bytes. [R5] */
export const recordBodySchemas = {
  genesis: v.strictObject({
    app: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{0,62}$/)),
    rules: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/)),
    setup: v.unknown(),
    seat,
    name: playerNameSchema,
    clock: clockSettingSchema,
    lagMs: whole(60_000),
    invitation: bytesOf(32),
    maxMoves: whole(1_000_000),
    maxRecords: whole(1_000_000),
    maxSideRecords: whole(1_000_000),
    maxProposals: whole(1_000_000),
  }),
  sit: v.strictObject({ seat, name: playerNameSchema, invitation: bytesOf(64) }),
  move: v.strictObject({ move: v.unknown(), clock }),
  pass: v.strictObject({ clock }),
  resign: nothing,
  'undo-ask': v.strictObject({ to: whole(1_000_000) }),
  'undo-grant': nothing,
  'undo-refuse': nothing,
  propose: v.strictObject({ proposal: v.unknown() }),
  accept: v.strictObject({ hash: bytesOf(32) }),
  resume: nothing,
  'claim-time': v.strictObject({ earlier: v.optional(v.pipe(byteString, v.maxLength(1_024))) }),
  'clock-note': nothing,
  rematch: v.strictObject({ match: bytesOf(20), players: v.pipe(byteString, v.length(32)), watchers: bytesOf(16) }),
} as const

/** What a record says. */
export type RecordKind = keyof typeof recordBodySchemas

/** The body that goes with each kind. */
export type RecordBodies = { readonly [Kind in RecordKind]: Readonly<v.InferOutput<(typeof recordBodySchemas)[Kind]>> }

/** A kind with its body. */
export type RecordContent = {
  readonly [Kind in RecordKind]: { readonly kind: Kind; readonly body: RecordBodies[Kind] }
}[RecordKind]

/** Every kind. */
export const recordKinds = Object.keys(recordBodySchemas) as readonly RecordKind[]
