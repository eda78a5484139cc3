/**
 * One game between people as a machine without IO: a signed, hash-linked chain of records, any turn-based rules.
 *
 * @packageDocumentation
 */
export {
  type ClockReading,
  type PlayerClock,
  clockAfterMove,
  clockAfterThinking,
  readClock,
  remainingMs,
  startClock,
} from './clock.ts'
export type { Effect } from './effect.ts'
export type { Acted, Intent, IntentType } from './intent.ts'
export type { MatchEvent } from './match-event.ts'
export {
  MatchError,
  type MatchMachine,
  type MatchMachineOptions,
  type NewMatch,
  type OpenMatch,
  type Step,
  createMatchMachine,
} from './match-machine.ts'
export {
  MatchSession,
  type MatchSessionOptions,
  type OfferedRematch,
  type RematchTerms,
  matchTopic,
} from './match-session.ts'
export type { MatchState } from './match-state.ts'
export type { Notice } from './notice.ts'
export type { Outcome, Rules, RulesPhase, RulesResult, Seat } from './rules.ts'
export type { SessionEvent } from './session-event.ts'
export type {
  MatchStore,
  MatchTransport,
  RandomBytes,
  RecordComparison,
  RecordKeeper,
  SessionClock,
  TransportListener,
} from './session-ports.ts'
export { type TopicLike, topicTransport } from './topic-transport.ts'
export type {
  ClocksView,
  MatchPhase,
  MatchView,
  MoveView,
  PresenceView,
  ProofView,
  RematchView,
  SeatPresence,
  SeatView,
  SettlingView,
  UndoView,
} from './view-types.ts'
