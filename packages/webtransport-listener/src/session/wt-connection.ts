import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

import type { Session } from './session.ts'

const closedNormally = 0
const aborted = 1

/**
 * The connection below libp2p's: it carries nothing itself, all data is in streams. It is there before its session, so that a connection gater can
 * refuse the request for one.
 */
export class WtConnection extends AbstractMultiaddrConnection {
  #session: Session | undefined

  /** From now on it lives and ends with a session. */
  attach(session: Session): void {
    this.#session = session
    const onEnd = (): void => {
      if (this.status === 'open' || this.status === 'closing') this.onTransportClosed()
    }
    session.ended.then(onEnd, onEnd)
  }

  override sendData(data: Uint8ArrayList): SendResult {
    return { sentBytes: data.byteLength, canSendMore: true }
  }

  override sendReset(error: Error): void {
    this.#session?.close(aborted, shortened(error.message))
  }

  override sendClose(): Promise<void> {
    this.#session?.close(closedNormally, '')
    return Promise.resolve()
  }

  override sendPause(): void {
    // Streams are paused one by one.
  }

  override sendResume(): void {
    // Streams are resumed one by one.
  }
}

/** A reason on the wire is at most 1,024 bytes (draft-ietf-webtrans-http3, CLOSE_WEBTRANSPORT_SESSION). */
function shortened(text: string): string {
  return text.slice(0, 200)
}
