/**
 * What a remote party can cause is a value, never an exception: either what was asked for, or the code of the refusal.
 *
 * @typeParam T - what a success holds
 * @typeParam C - the codes that a refusal may hold
 */
export type Result<T, C extends string = string> = Accepted<T> | Refused<C>

/** A success. */
export interface Accepted<T> {
  readonly ok: true
  readonly value: T
}

/** A refusal: `code` for programs, `detail` for people reading a log. */
export interface Refused<C extends string = string> {
  readonly ok: false
  readonly code: C
  readonly detail?: string
}

/** Builds a success. */
export function accept<T>(value: T): Accepted<T> {
  return { ok: true, value }
}

/** Builds a refusal. */
export function refuse<const C extends string>(code: C, detail?: string): Refused<C> {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail }
}
