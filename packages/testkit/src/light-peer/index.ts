/**
 * A libp2p peer made by hand, for measuring and loading a relay.
 *
 * @packageDocumentation
 */
export { writeFields } from './fields.ts'
export { type HopAnswer, type LightHandler, LightPeer } from './light-peer.ts'
export type { LightStream } from './light-stream.ts'
