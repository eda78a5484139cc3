import {
  type BaseIssue,
  type BaseSchema,
  type InferOutput,
  type GenericSchema,
  getDotPath,
  maxLength,
  maxValue,
  minLength,
  optional,
  pipe,
  regex,
  safeParse,
  string,
  toNumber,
} from 'valibot'

import type { Problem } from './problem.ts'

/** Rows of one page: what a person reads, and what a program may take at once. */
const defaultLimit = 50
const maxLimit = 500
const maxOffset = 1_000_000
const maxTextLength = 256

/** A checked value, or the problem that says what is wrong with it. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

const whole = (most: number): GenericSchema<string, number> =>
  pipe(string(), regex(/^\d{1,9}$/, 'is no whole number'), toNumber(), maxValue(most, `is more than ${most}`))

/** `limit` and `offset` of a list. */
export const pageEntries = {
  limit: optional(whole(maxLimit), String(defaultLimit)),
  offset: optional(whole(maxOffset), '0'),
}

/** A text to filter by. */
export const filterText = optional(pipe(string(), minLength(1, 'is empty'), maxLength(maxTextLength, 'is too long')))

/** Checks a value against a schema; the first thing that is wrong is told. */
export function check<S extends BaseSchema<unknown, unknown, BaseIssue<unknown>>>(
  schema: S,
  value: unknown,
): Checked<InferOutput<S>> {
  const parsed = safeParse(schema, value, { abortEarly: true })
  if (parsed.success) return { ok: true, value: parsed.output }
  const [issue] = parsed.issues
  return { ok: false, problem: { code: 'request/invalid', detail: detailOf(issue) } }
}

function detailOf(issue: BaseIssue<unknown>): string {
  const name = getDotPath(issue)
  if (issue.type === 'strict_object') {
    if (name === null) return 'What is wanted is a JSON object.'
    return issue.expected === 'never' ? unknownParameter(name).detail : `"${cut(name)}" is missing.`
  }
  return name === null ? `${issue.message}.` : `"${cut(name)}": ${issue.message}.`
}

/** The problem of a name that nobody reads. */
export function unknownParameter(name: string): Problem {
  return { code: 'request/invalid', detail: `"${cut(name)}" is none of the parameters here.` }
}

const cut = (name: string): string => name.slice(0, 64)

/** Checks the query of an address. A name that comes twice is as wrong as one that is not known. */
export function checkQuery<S extends BaseSchema<unknown, unknown, BaseIssue<unknown>>>(
  schema: S,
  query: URLSearchParams,
): Checked<InferOutput<S>> {
  const names = [...query.keys()]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    return {
      ok: false,
      problem: { code: 'request/invalid', detail: `"${cut(twice)}" is given more than once.` },
    }
  }
  return check(schema, Object.fromEntries(query))
}

/** One page of a list, newest first as the caller sorted it. */
export interface PageOf<T> {
  /** How many there are on all pages. */
  readonly total: number
  readonly limit: number
  readonly offset: number
  readonly items: readonly T[]
}

/** Cuts a page out of a list. */
export function pageOf<T>(all: readonly T[], { limit, offset }: { limit: number; offset: number }): PageOf<T> {
  return { total: all.length, limit, offset, items: all.slice(offset, offset + limit) }
}
