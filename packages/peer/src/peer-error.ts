/** What a caller of this package, or the machine it runs on, can get wrong. */
export type PeerErrorCode =
  | 'peer/invalid-option'
  | 'peer/start-failed'
  | 'peer/stopped'
  | 'identity/invalid-key'
  | 'relay/invalid-address'
  | 'relay/too-many'
  | 'relay/unreachable'
  | 'link/invalid-peer'
  | 'link/unreachable'
  | 'link/too-many'
  | 'topic/invalid-name'
  | 'topic/too-many'
  | 'topic/left'
  | 'topic/message-too-large'
  | 'topic/reserved-prefix'
  | 'stream/invalid-protocol'
  | 'stream/invalid-code'
  | 'stream/invalid-chunk'
  | 'stream/handled-already'
  | 'stream/too-many'
  | 'stream/unreachable'
  | 'stream/refused'
  | 'stream/broken'

/** Thrown across this package's door; `code` says what went wrong, `cause` holds what was behind it. */
export class PeerError extends Error {
  override readonly name = 'PeerError'
  readonly code: PeerErrorCode

  constructor(code: PeerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
