/**
 * One game between people as a machine without IO: a signed, hash-linked chain of records, any turn-based rules.
 *
 * @packageDocumentation
 */
export type { Outcome, Rules, RulesPhase, RulesResult, Seat } from './rules.ts'
