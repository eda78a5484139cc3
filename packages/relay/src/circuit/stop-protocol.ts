import type { Connection, PeerId, Stream } from '@libp2p/interface'

import { type LimitMessage, stopMessage } from './circuit-messages.ts'
import { createMessageStream } from './message-stream.ts'

/** The protocol that the relay speaks to the holder of a reservation. */
export const stopProtocol = '/libp2p/circuit/relay/0.2.0/stop'

/** Streams of one connection that may end circuits; the limit of circuits per peer comes first. */
const maxStopStreams = 100_000

/** The target's answer. */
export type StopAnswer =
  | { readonly ok: true; readonly stream: Stream }
  | { readonly ok: false; readonly reason: 'target-unreachable' | 'target-refused' }

/** Asks the target on one of its connections whether it takes a circuit from `source`. Never throws. */
export async function askTarget(
  connection: Connection,
  source: PeerId,
  limit: LimitMessage | undefined,
  signal: AbortSignal,
): Promise<StopAnswer> {
  let stream: Stream | undefined
  try {
    stream = await connection.newStream(stopProtocol, {
      signal,
      maxOutboundStreams: maxStopStreams,
      runOnLimitedConnection: true,
    })
    const messages = createMessageStream(stream, stopMessage)
    await messages.write(
      {
        type: 'CONNECT',
        peer: { id: source.toMultihash().bytes, addrs: [] },
        ...(limit === undefined ? {} : { limit }),
      },
      signal,
    )
    const answer = await messages.read(signal)
    if (answer.type === 'STATUS' && answer.status === 'OK') return { ok: true, stream: messages.unwrap() }
    stream.abort(new Error(`The target answered ${answer.status ?? answer.type ?? 'nothing'}.`))
    return { ok: false, reason: 'target-refused' }
  } catch (error) {
    stream?.abort(error as Error)
    return { ok: false, reason: 'target-unreachable' }
  }
}
