import type { ConnectionEncrypter, SecuredConnection } from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The part of @libp2p/noise's stream that is replaced. */
interface Decoding {
  readonly decoder?: { lengthDecoder?: (data: Uint8ArrayList) => number }
}

/**
 * Noise, without an exception for every packet. The decoder of @libp2p/noise asks for the next length until it throws, also when
 * everything has been read; that took a fifth of a busy relay's CPU. `NaN` tells the same decoder that there is no length yet.
 */
export function relayNoise(): (components: NoiseComponents) => ConnectionEncrypter {
  const make = noise()
  return components => {
    const encrypter = make(components)
    return {
      protocol: encrypter.protocol,
      secureInbound: async (connection, options) =>
        withQuietDecoder(await encrypter.secureInbound(connection, options)),
      secureOutbound: async (connection, options) =>
        withQuietDecoder(await encrypter.secureOutbound(connection, options)),
    }
  }
}

function withQuietDecoder<T>(secured: SecuredConnection<T>): SecuredConnection<T> {
  const { decoder } = secured.connection as Decoding
  if (typeof decoder?.lengthDecoder === 'function') decoder.lengthDecoder = decodeLength
  return secured
}

function decodeLength(data: Uint8ArrayList): number {
  return data.byteLength < 2 ? Number.NaN : data.getUint16(0)
}
