/** A WebTransport session, as this package needs it: the native part in Node is one, and a browser's becomes one. */
export interface SessionPort {
  acceptBi(): Promise<StreamPairPort>
  openBi(): Promise<StreamPairPort>
  sendDatagram(data: Uint8Array): void
  close(code: number, reason: string): void
  /** Resolves, never rejects, when the session has ended. */
  closed(): Promise<{ readonly closeCode: number; readonly reason: string }>
}

/** Both directions of a stream; each can be taken once. */
export interface StreamPairPort {
  takeSend(): SendPort
  takeRecv(): ReceivePort
}

/** One call at a time: calls that are under way together have no order. */
export interface SendPort {
  /** Resolves when QUIC has taken the bytes: not while the far end, or the path, takes no more. */
  write(data: Uint8Array): Promise<void>
  finish(): Promise<void>
  /** Waits for a `write` that is under way. */
  reset(code: number): Promise<void>
}

/** One call at a time. */
export interface ReceivePort {
  /** At most about `maxBytes`; `null` at the end. Flow control follows what was read: what is not read is not sent for long. */
  read(maxBytes: number): Promise<Uint8Array | null>
  /** Waits for a `read` that is under way. */
  stop(code: number): Promise<void>
}
