/**
 * What travels between Tsugi peers: messages, codecs, ids, codes and limits. No DOM, no Node, no timers, no randomness.
 *
 * @packageDocumentation
 */
export { appProtocol, encodeAppMessage } from './app-message.ts'
export {
  type PublicationAnswer,
  type PublicationPart,
  archiveProtocol,
  decodePublicationAnswer,
  decodePublicationPart,
  isPublicationSigned,
  signPublication,
} from './archive.ts'
export { fromBase64url, toBase64url } from './base64url.ts'
export { bytesEqual } from './bytes-equal.ts'
export { decodeCanonical, encodeCanonical } from './cbor.ts'
export { type ClockAfter, type ClockSetting, clockSettingSchema } from './clock-setting.ts'
export { CLOSE_CODES, CODES, type CloseCode, type Code } from './codes.ts'
export { deriveBytes, isSignedFor, publicKeyOf, sha256, signFor } from './crypto.ts'
export { fromHex, toHex } from './hex.ts'
export {
  type AppId,
  type MatchId,
  type PeerId,
  type RecordHash,
  type TopicName,
  defaultApp,
  parseAppId,
  parseMatchId,
  parseRecordHash,
} from './ids.ts'
export {
  type InviteLink,
  type ReadKeys,
  invitationKeyOf,
  inviteSecretBytes,
  isInvited,
  openRematch,
  parseFragment,
  playFragment,
  readKeysOf,
  readSecretOf,
  sealRematch,
  signInvitation,
  watchFragment,
} from './invite.ts'
export {
  type KeepingAnswer,
  type KeepingRequest,
  batchesOf,
  decodeKeepingAnswer,
  decodeKeepingRequest,
  keepingProtocol,
} from './keeping.ts'
export { keptIdBytes, keptRecordId, maxKeptRecordBytes, sealKeptRecord } from './kept-record.ts'
export {
  ADAPTIVE_LIMITS,
  type AdaptiveLimit,
  LOAD_STEPS,
  type LoadStep,
  limitsUnderLoad,
  relaxAfterMs,
} from './load-steps.ts'
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
export { type MatchMessage, decodeMessage, encodeMessage, openMessage, sealMessage, shortIdBytes } from './message.ts'
export { tidyPlayerName } from './player-name.ts'
export { type RecordBodies, type RecordContent, type RecordKind, recordKinds } from './record-body.ts'
export {
  type MatchRecord,
  type RecordPlace,
  createRecord,
  decodeRecord,
  hashBytes,
  isKind,
  isOfMatch,
  isRecordSigned,
  matchBytes,
  matchIdOf,
  maxRecordBytes,
} from './record.ts'
export { type HostKind, hostKind } from './host-kind.ts'
export { type Accepted, type Refused, type Result, accept, refuse } from './result.ts'
export { openSealed, sealBytes, sealNonceBytes } from './seal.ts'
export {
  type StreamFrame,
  type StreamFrameCode,
  StreamFrameReader,
  type StreamHello,
  type StreamOffsets,
  encodeStreamFrame,
  isStreamCode,
  streamIdBytes,
  streamsProtocol,
} from './stream-frame.ts'
export { appOfWireTopic, parseTopicName, wireTopic } from './topic-name.ts'
export { webSocketAddressOf, webOriginOf } from './relay-address.ts'
export {
  type WellKnown,
  maxRelayHints,
  parseWellKnown,
  relaysDhtName,
  relaysDhtProtocol,
  relaysProtocol,
  wellKnownPath,
} from './well-known.ts'
