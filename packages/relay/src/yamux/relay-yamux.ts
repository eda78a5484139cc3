import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

import { Liveness } from './liveness.ts'
import type { YamuxFault } from './yamux-frame.ts'
import { type SessionOwner, YamuxSession, yamuxProtocol } from './yamux-session.ts'

/** Why a session was ended: {@link YamuxFault}, or nothing came from its far end any more. */
export type YamuxEnd = YamuxFault | 'peer/silent'

/** What {@link relayYamux} wants to know. */
export interface RelayYamuxOptions {
  /** Whoever says nothing for so long is asked, and ended after three questions without an answer. */
  readonly silenceMs: number
  readonly onEnded?: (reason: YamuxEnd) => void
}

/**
 * yamux for a relay: thousands of idle sessions, and frames that are only passed on (docs/decisions/0009). Sessions whose far end is
 * gone without a word are found and ended.
 */
export function relayYamux({ silenceMs, onEnded }: RelayYamuxOptions): () => StreamMuxerFactory {
  const liveness = new Liveness({ silenceMs, onSilent: () => onEnded?.('peer/silent') })
  const owner: SessionOwner = {
    ...(onEnded !== undefined && { onFault: onEnded }),
    onClosed: session => liveness.forget(session),
  }
  return () => ({
    protocol: yamuxProtocol,
    createStreamMuxer: (connection: MessageStream): StreamMuxer => {
      const session = new YamuxSession(connection, owner)
      liveness.watch(session)
      return session
    },
  })
}
