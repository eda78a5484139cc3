import type { BackoffOptions } from '../relays/backoff.ts'

/** Every wait of a link, so that tests need not wait as long as people do. */
export interface LinkTiming {
  /** How long a circuit stands beside the direct line that replaces it. */
  readonly graceMs: number
  readonly retryCircuit: BackoffOptions
  readonly retryUpgrade: BackoffOptions
  /** Failed direct attempts in a row before it is given up until something changes. */
  readonly maxUpgradeAttempts: number
  readonly circuitTimeoutMs: number
  readonly upgradeTimeoutMs: number
  /** How long what was heard over the relay's route counts. */
  readonly routeMs: number
  /** How long it still counts once a line has broken: the peer may be gone. */
  readonly routeAfterLossMs: number
  /** A peer without a connection to us is asked whether it is still here when nothing has been heard for so long. */
  readonly askAfterMs: number
  /** How long it may take to answer; both question and answer may wait 2 s for their turn. */
  readonly answerMs: number
  /** A peer that left may come back at once: its line is kept so long. */
  readonly farewellMs: number
  /** A connection that no topic and nobody here asked for is closed after so long. */
  readonly unsettledMs: number
  /** The other side dials by rule; when nothing has come of it after so long, we do. */
  readonly impatienceMs: number
  readonly sweepMs: number
}

/** The waits of real use. */
export const linkTiming: LinkTiming = {
  graceMs: 5_000,
  retryCircuit: { firstMs: 1_000, maxMs: 60_000 },
  retryUpgrade: { firstMs: 1_000, maxMs: 300_000, factor: 4 },
  maxUpgradeAttempts: 8,
  circuitTimeoutMs: 8_000,
  // A handshake that works takes less than a second; now and then one gets stuck, and only another attempt helps.
  upgradeTimeoutMs: 7_000,
  routeMs: 150_000,
  routeAfterLossMs: 2_500,
  askAfterMs: 15_000,
  answerMs: 6_000,
  farewellMs: 10_000,
  unsettledMs: 60_000,
  impatienceMs: 15_000,
  sweepMs: 5_000,
}
