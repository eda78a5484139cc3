import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'

type Sent = Parameters<MessageStream['send']>[0]

/** One Noise message with its length. Several at once, as after a pause, stay apart: relays take frames of a bounded size. */
const maxJoinedBytes = 2 + 65_535

/**
 * Noise by @libp2p/noise, each message in one piece. Theirs is a list, the length and then the sealed bytes, and @libp2p/websockets makes a frame of each
 * of them: twice the frames for whoever reads, who is a relay with thousands of guests. `pnpm ping-cost` shows what it saves.
 */
export function joinedNoise(): (components: NoiseComponents) => ConnectionEncrypter {
  const make = noise()
  return components => {
    const encrypter = make(components)
    const secure = encrypter.secureOutbound.bind(encrypter)
    encrypter.secureOutbound = (connection, options) => {
      const send = connection.send.bind(connection)
      connection.send = data => send(joined(data))
      return secure(connection, options)
    }
    return encrypter
  }
}

/** What is sent at once in one piece, if it is one message. */
function joined(data: Sent): Sent {
  return data.byteLength <= maxJoinedBytes ? data.subarray() : data
}
