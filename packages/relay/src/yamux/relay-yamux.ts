import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

import { Liveness } from './liveness.ts'
import { YamuxSession, yamuxProtocol } from './yamux-session.ts'

/**
 * yamux for a relay: thousands of idle sessions, and frames that are only passed on (docs/decisions/0009). Sessions whose far end is
 * gone without a word are found and ended.
 */
export function relayYamux(): () => StreamMuxerFactory {
  const liveness = new Liveness()
  return () => ({
    protocol: yamuxProtocol,
    createStreamMuxer: (connection: MessageStream): StreamMuxer => {
      const session = new YamuxSession(connection)
      const forget = liveness.watch(session)
      connection.addEventListener('close', forget)
      return session
    },
  })
}
