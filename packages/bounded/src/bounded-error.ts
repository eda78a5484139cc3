/** What a caller of this package can get wrong. */
export type BoundedErrorCode = 'bounded/invalid-option' | 'bounded/too-many-tasks'

/** Thrown for a caller's mistake: an option that makes no sense, or more tasks than a group may hold. */
export class BoundedError extends Error {
  override readonly name = 'BoundedError'
  readonly code: BoundedErrorCode

  constructor(code: BoundedErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Checks a ceiling: a whole number of at least `min`. */
export function requireCount(name: string, value: number, min = 1): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw new BoundedError('bounded/invalid-option', `${name} must be a whole number of at least ${min}, not ${value}.`)
}

/** Checks a rate or a duration: a number of at least 0, `Infinity` allowed. */
export function requireAmount(name: string, value: number): number {
  if (value >= 0) return value
  throw new BoundedError('bounded/invalid-option', `${name} must be a number of at least 0, not ${value}.`)
}
