import type { PeerId } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as digest from 'multiformats/hashes/digest'

import type { HopMessage } from './circuit-messages.ts'

/** The protocol that peers speak to the relay. */
export const hopProtocol = '/libp2p/circuit/relay/0.2.0/hop'

/** What a peer asks of the relay. */
export type HopRequest =
  | { readonly type: 'reserve' }
  | { readonly type: 'connect'; readonly target: PeerId }
  | { readonly type: 'refused'; readonly status: 'MALFORMED_MESSAGE' | 'UNEXPECTED_MESSAGE' }

/** Reads a request. The addresses in a CONNECT are not looked at: this relay dials nobody on request. */
export function parseHopRequest(message: HopMessage): HopRequest {
  switch (message.type) {
    case 'RESERVE':
      return { type: 'reserve' }
    case 'CONNECT': {
      const target = message.peer === undefined ? undefined : parsePeerId(message.peer.id)
      if (target === undefined) return { type: 'refused', status: 'MALFORMED_MESSAGE' }
      return { type: 'connect', target }
    }
    case 'STATUS':
      return { type: 'refused', status: 'UNEXPECTED_MESSAGE' }
    case undefined:
      return { type: 'refused', status: 'MALFORMED_MESSAGE' }
    default:
      return { type: 'refused', status: 'MALFORMED_MESSAGE' }
  }
}

function parsePeerId(multihash: Uint8Array): PeerId | undefined {
  try {
    return peerIdFromMultihash(digest.decode(multihash))
  } catch {
    return undefined
  }
}
