import { hostKind } from '@tsugi/protocol'

import { hostOf } from '../node/dial-policy.ts'
import { type RelaySource, parseRelaySource } from './relay-source.ts'

const privacy = { public: 0, private: 1, loopback: 2, special: 3 }

/** Reads what one relay says about where another one is; `undefined` when it is nothing that we would dial on its word. */
export function parseRelayHint(text: string, from: RelaySource): RelaySource | undefined {
  try {
    const source = parseRelaySource(text)
    const [host, sourceHost] = [hostOf(addressOf(source)), hostOf(addressOf(from))]
    if (host === undefined || sourceHost === undefined) return undefined
    const kind = hostKind(host)
    // Nothing more private than the relay that says so: otherwise it could send us to doors in the user's network.
    if (kind === 'special' || privacy[kind] > privacy[hostKind(sourceHost)]) return undefined
    // A secure page may open nothing else.
    if (addressOf(from).includes('/wss') && !addressOf(source).includes('/wss')) return undefined
    return source
  } catch {
    return undefined
  }
}

/** Two names of one place are one relay. */
export function placeOf(source: RelaySource): string {
  return addressOf(source).replace(/\/p2p\/\w+$/, '')
}

function addressOf(source: RelaySource): string {
  return source.kind === 'url' ? source.ownAddress : source.address
}
