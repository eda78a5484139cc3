/** A text that is no quantity of the kind asked for; the message says what would be. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 1_024,
  MIB: 1_024 ** 2,
  GIB: 1_024 ** 3,
}

const msUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * Reads a number of bytes: `500MB`, `64MiB`, `1048576`; decimal units are powers of 1,000, binary ones of 1,024. `off` is
 * `Infinity`.
 *
 * @throws QuantityError
 */
export function parseBytes(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text)
  const unit = byteUnits[(match?.[2] ?? '').toUpperCase()]
  if (match === null || unit === undefined) throw new QuantityError('a size such as 64MiB, 1MB or off')
  return whole(Number(match[1]) * unit, 'a size such as 64MiB, 1MB or off')
}

/**
 * Reads a time in milliseconds: `90s`, `5min`, `4h`, `250ms`. A number alone would be misread, so it needs a unit. `off` is
 * `Infinity`.
 *
 * @throws QuantityError
 */
export function parseDuration(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text)
  const unit = msUnits[(match?.[2] ?? '').toLowerCase()]
  if (match === null || unit === undefined) throw new QuantityError('a time such as 90s, 5min, 4h or off')
  return whole(Number(match[1]) * unit, 'a time such as 90s, 5min, 4h or off')
}

/**
 * Reads a whole number of at least 0; underscores and commas may group its digits. `off` is `Infinity`.
 *
 * @throws QuantityError
 */
export function parseCount(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY
  if (!/^\d+(?:[_,]\d{3})*$/.test(text)) throw new QuantityError('a whole number or off')
  return whole(Number(text.replaceAll(/[_,]/g, '')), 'a whole number or off')
}

/**
 * Reads a port, 0 to 65535.
 *
 * @throws QuantityError
 */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new QuantityError('a port from 0 to 65535, where 0 takes a free one')
  return port
}

function whole(value: number, wanted: string): number {
  const rounded = Math.round(value)
  if (!Number.isSafeInteger(rounded)) throw new QuantityError(wanted)
  return rounded
}
