/**
 * WebTransport for js-libp2p in Node. Browsers reach a node that listens here without a certificate of a public authority: they
 * know its certificate by hash, which stands in the address.
 *
 * @packageDocumentation
 */
export type { ListenerRefusal } from './listener-counters.ts'
export { type ListenerLimits, defaultListenerLimits } from './listener-limits.ts'
export { type WebTransportInit, webTransportListener } from './transport.ts'
export { WebTransportError, type WebTransportErrorCode } from './webtransport-error.ts'
