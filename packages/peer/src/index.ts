/**
 * The mesh peer, in a browser or in Node: finds its relays again and again, joins topics, and makes the lines to others as direct as
 * the network allows.
 *
 * ```ts
 * const peer = await createPeer({ app: 'my-game', relays: ['https://relay.example'] })
 * const topic = await peer.topics.join('lobby')
 * await topic.publish(new TextEncoder().encode('hello'))
 * for await (const { from, data } of topic) console.log(from, data)
 * ```
 *
 * @packageDocumentation
 */
export type { AddressBook, BookEntry } from './book/address-book.ts'
export type { BookStore, KeptBook, KeptPeer } from './book/book-store.ts'
export { createPeer } from './create-peer.ts'
export type { IdentityOption } from './identity/identity.ts'
export type { Link, LinkKind, Links } from './links/link.ts'
export type { CandidateKind, LinkRoute } from './links/link-route.ts'
export type { LinkState } from './links/link-state.ts'
export type { RelayTransport } from './node/relay-transport.ts'
export { PeerError, type PeerErrorCode } from './peer-error.ts'
export type { PeerEvents, RelayChangeKind } from './peer-events.ts'
export type { Peer, PeerLogger, PeerOptions, PeerState, PeerStats } from './peer.ts'
export type { RelayFinder } from './relays/relay-finder.ts'
export type { Relays } from './relays/relay-pool.ts'
export type { KeptComparison, KeptRecords, Publication } from './records/record-relays.ts'
export type { RelayState, RelayStatus } from './relays/relay-status.ts'
export type { JoinOptions, PublishOutcome, Topic, TopicMessage, TopicStats, TopicView, Topics } from './topics/topic.ts'
export type { TypedEventTarget } from './typed-events.ts'
