/** How much of everything a run has. */
export interface LoadSize {
  /** Connected at once, players included. */
  readonly peers: number
  readonly games: number
  /** Of each game. */
  readonly moves: number
  /** Circuits that carry traffic, and how much altogether. */
  readonly pairs: number
  readonly bytesPerSecond: number
  readonly trafficMs: number
  /** What each pair sends at once, so many times. */
  readonly burstBytes: number
  readonly bursts: number
  /** Peers that come and go, in waves. */
  readonly churn: number
  readonly waves: number
  /** After so long the run has failed. */
  readonly deadlineMs: number
}

/** `pnpm load`. */
export const longLoad: LoadSize = {
  peers: 1_000,
  games: 100,
  moves: 40,
  pairs: 10,
  bytesPerSecond: 10_000_000,
  trafficMs: 30_000,
  burstBytes: 4_000_000,
  bursts: 3,
  churn: 5_000,
  waves: 10,
  deadlineMs: 900_000,
}

/** `pnpm load --short`: every part of it, in less than two minutes on two cores. */
export const shortLoad: LoadSize = {
  ...longLoad,
  peers: 200,
  games: 10,
  moves: 16,
  trafficMs: 5_000,
  burstBytes: 1_000_000,
  bursts: 2,
  churn: 400,
  waves: 4,
  deadlineMs: 300_000,
}
