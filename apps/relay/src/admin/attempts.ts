import { ExpiringBook, TokenBucket } from '@tsugi/bounded'

/** A person mistypes a few times; a program that guesses gets ten tries a minute. */
const attemptsAtOnce = 10
const attemptsPerSecond = 1 / 6
/** Addresses that are remembered; the least recently seen is forgotten first. */
const maxAddresses = 10_000

/** Wrong tokens, limited by the address that they come from. */
export interface Attempts {
  /** How long an address has to wait before it may try; 0 for not at all. */
  waitMs(address: string): number
  /** One more wrong token. */
  add(address: string): void
}

/** Creates the limit. An address that has been silent for as long as its bucket takes to fill is forgotten. */
export function createAttempts(now: () => number = Date.now): Attempts {
  const ttlMs = (attemptsAtOnce / attemptsPerSecond) * 1_000
  const book = new ExpiringBook<string, TokenBucket>({ capacity: maxAddresses, ttlMs, now })
  return {
    waitMs: address => book.get(address)?.msUntil() ?? 0,
    add(address) {
      const bucket =
        book.get(address) ?? new TokenBucket({ capacity: attemptsAtOnce, refillPerSecond: attemptsPerSecond, now })
      bucket.tryTake()
      book.set(address, bucket)
    },
  }
}
