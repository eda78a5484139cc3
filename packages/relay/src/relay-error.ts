/** Why a relay could not be created: the caller's configuration or the machine, never a remote party. */
export type RelayErrorCode =
  /** A value in the configuration cannot be used. */
  | 'relay/invalid-config'
  /** The HTTP server that was handed over does not listen yet. */
  | 'relay/http-not-listening'
  /** A UDP port is in use by somebody else. */
  | 'relay/port-taken'
  /** The data directory cannot be read or written. */
  | 'relay/data-dir-unusable'
  /** Another process has the data directory open. */
  | 'relay/data-dir-locked'
  /** A library no longer has the shape that this package was written against. */
  | 'relay/incompatible-library'
  /** The relay alone takes most of the memory that it is allowed. */
  | 'relay/memory-too-small'
  /** The node below could not be started. */
  | 'relay/start-failed'

/** Thrown by {@link createRelay}; `code` for programs, `message` for people, `cause` for whoever digs. */
export class RelayError extends Error {
  override readonly name = 'RelayError'
  readonly code: RelayErrorCode

  constructor(code: RelayErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
