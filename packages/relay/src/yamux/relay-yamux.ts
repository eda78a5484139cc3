import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

import { YamuxSession, yamuxProtocol } from './yamux-session.ts'

/** yamux for a relay: thousands of idle sessions, and frames that are only passed on. docs/decisions says why it is our own. */
export function relayYamux(): () => StreamMuxerFactory {
  return () => ({
    protocol: yamuxProtocol,
    createStreamMuxer: (connection: MessageStream): StreamMuxer => new YamuxSession(connection),
  })
}
