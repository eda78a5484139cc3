/** What went wrong on this side of the wire. */
export type WebTransportErrorCode =
  /** The native part cannot be loaded on this machine. */
  | 'webtransport/unavailable'
  /** The UDP port or the address cannot be had. */
  | 'webtransport/listen-failed'
  | 'webtransport/invalid-address'
  | 'webtransport/dial-failed'
  /** The far end did something that the specification forbids, or took too long. */
  | 'webtransport/handshake-failed'
  /** A ceiling of the session was reached. */
  | 'webtransport/overflow'

/** Thrown, and given as the reason when a connection or stream is aborted. */
export class WebTransportError extends Error {
  override readonly name = 'WebTransportError'
  readonly code: WebTransportErrorCode

  constructor(code: WebTransportErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
