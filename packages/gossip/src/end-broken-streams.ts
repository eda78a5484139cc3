import type { Stream } from '@libp2p/interface'

import type { GossipSubInside } from './gossip-inside.ts'

/**
 * A stream that cannot be read any more, as after a frame that is too long, is reset. Gossipsub stops reading and leaves it open: the
 * peer goes on sending, and nobody hears it.
 *
 * When the peer has begun another one by then, that is all. Gossipsub would take the peer for gone, and close the stream that works.
 */
export function endBrokenStreams(inside: GossipSubInside): void {
  const read = inside.pipePeerReadStream.bind(inside)
  inside.pipePeerReadStream = (peer, source) => {
    const current = (): Stream | undefined => inside.streamsInbound.get(peer.toString())?.rawStream
    const stream = current()
    return read(
      peer,
      untilBroken(source, stream, () => current() === stream),
    )
  }
}

async function* untilBroken(
  source: AsyncIterable<unknown>,
  stream: Stream | undefined,
  isCurrent: () => boolean,
): AsyncGenerator {
  try {
    yield* source
  } catch (error) {
    stream?.abort(error instanceof Error ? error : new Error('The stream could not be read.'))
    if (isCurrent()) throw error
  }
}
