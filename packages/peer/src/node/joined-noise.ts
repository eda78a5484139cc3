import type { ConnectionEncrypter } from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'

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
      connection.send = data => send(data.subarray())
      return secure(connection, options)
    }
    return encrypter
  }
}
