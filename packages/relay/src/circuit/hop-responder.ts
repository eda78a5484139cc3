import type { Stream } from '@libp2p/interface'
import type { Timers } from '@tsugi/bounded'

import type { HopMessage } from './circuit-messages.ts'
import type { MessageStream } from './message-stream.ts'

/** How long a peer may leave a stream open that has had its answer. */
const lingerMs = 5_000

/** Sends the last message on a HOP stream and closes it. Never throws: somebody who has gone needs no answer. */
export async function answerAndClose(
  stream: Stream,
  messages: MessageStream<HopMessage>,
  message: Omit<HopMessage, 'type'>,
  signal: AbortSignal,
  timers: Timers,
): Promise<boolean> {
  try {
    await messages.write({ type: 'STATUS', ...message }, signal)
    await stream.close({ signal })
    abortLater(stream, timers)
    return true
  } catch (error) {
    stream.abort(error as Error)
    return false
  }
}

function abortLater(stream: Stream, timers: Timers): void {
  if (stream.status !== 'open') return
  const timer = timers.setTimeout(() => stream.abort(new Error('The stream was left open.')), lingerMs)
  stream.addEventListener('close', () => timers.clearTimeout(timer), { once: true })
}
