/**
 * What travels between Tsugi peers: messages, codecs, ids, codes and limits. No DOM, no Node, no timers, no randomness.
 *
 * @packageDocumentation
 */
export { decodeCanonical, encodeCanonical } from './cbor.ts'
export {
  type AppId,
  type MatchId,
  type PeerId,
  type RecordHash,
  type TopicName,
  defaultApp,
  parseAppId,
} from './ids.ts'
export {
  LIMITS,
  LimitError,
  type LimitName,
  type LimitRow,
  type LimitScope,
  type LimitUnit,
  type Limits,
  defaultLimits,
  resolveLimits,
} from './limits.ts'
export { type Announcement, decodeAnnouncement, encodeAnnouncement, isAnnouncement, meetMagic } from './meet.ts'
export { type Accepted, type Refused, type Result, accept, refuse } from './result.ts'
export { appOfWireTopic, parseTopicName, wireTopic } from './topic-name.ts'
export { type WellKnown, parseWellKnown, wellKnownPath } from './well-known.ts'
