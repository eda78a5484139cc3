import type { MemoryLevel } from './memory-level.ts'

/** What the guard tells. */
export type GuardEvent =
  | {
      readonly type: 'memory:level'
      readonly level: MemoryLevel
      readonly previous: MemoryLevel
      readonly rssBytes: number
      readonly limitBytes: number
    }
  /** Memory stayed at its end in spite of everything: whoever runs the relay stops it and the process. */
  | { readonly type: 'memory:exhausted'; readonly rssBytes: number; readonly limitBytes: number }
  /** Limits follow the load: 1 as configured, less when tightened. `load` is the share of the fullest resource. */
  | { readonly type: 'limits:factor'; readonly factor: number; readonly previous: number; readonly load: number }
  /** A batch of what was idlest was closed to make room in memory. */
  | { readonly type: 'memory:shed'; readonly circuits: number; readonly peers: number }

/** The guard's figures. */
export interface GuardStats {
  readonly level: MemoryLevel
  /** 0 when nobody reads the memory. */
  readonly rssBytes: number
  /** `Infinity` for none. */
  readonly limitBytes: number
  /** The share of the fullest resource: memory, bandwidth, circuits or reservations; 1 is full. */
  readonly load: number
  /** What limits are multiplied by: 1 as configured, less when tightened. */
  readonly factor: number
  /** Closed to make room, since the start. */
  readonly closedCircuits: number
  readonly closedPeers: number
}
