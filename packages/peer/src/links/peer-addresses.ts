import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'

/** A peer's addresses, by what dialling them makes. */
export interface PeerAddresses {
  /** Opening one of these makes a circuit. */
  readonly circuits: string[]
  /** Opening one of these makes a direct line. */
  readonly direct: string[]
}

/** Whether a text is a peer id. */
export function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text).toString() === text
  } catch {
    return false
  }
}

/** Keeps those addresses that are addresses and lead to this peer; what has no peer id at its end gets one. */
export function addressesOf(peer: string, addresses: readonly string[]): string[] {
  return addresses.flatMap(text => {
    try {
      const parts = multiaddr(text).getComponents()
      const last = parts.at(-1)
      if (last?.name !== 'p2p') return [`${multiaddr(text).toString()}/p2p/${peer}`]
      return last.value === peer ? [multiaddr(text).toString()] : []
    } catch {
      return [] // a stranger's typing error, or worse
    }
  })
}

/**
 * Sorts addresses by what they are for, one for each relay: how a relay itself is reached matters little, and not at all when we are
 * connected to it. Relays that we are connected to come first.
 */
export function sortAddresses(
  addresses: readonly string[],
  isConnectedRelay: (peer: string) => boolean,
): PeerAddresses {
  const circuits = new Map<string, string>()
  const direct = new Map<string, string>()
  for (const text of addresses) {
    const parts = multiaddr(text).getComponents()
    const names = parts.map(part => part.name)
    const circuit = names.indexOf('p2p-circuit')
    if (circuit === -1) {
      direct.set(text, text)
      continue
    }
    const relay = parts.slice(0, circuit).findLast(part => part.name === 'p2p')?.value ?? text
    const kind = names.includes('webrtc', circuit) ? direct : circuits
    if (!kind.has(relay)) kind.set(relay, text)
  }
  const order = (byRelay: Map<string, string>): string[] =>
    [...byRelay]
      .toSorted(([a], [b]) => Number(isConnectedRelay(b)) - Number(isConnectedRelay(a)))
      .map(([, text]) => text)
  return { circuits: order(circuits), direct: order(direct) }
}

/** What an announcement may hold at most. */
const maxAnnounced = 8

/** Which of our own addresses to announce: for each relay a circuit and a direct one, public hosts rather than private ones. */
export function addressesToAnnounce(own: readonly string[]): string[] {
  const byRelay = new Map<string, { circuits: string[]; direct: string[] }>()
  for (const text of own.toSorted((a, b) => rank(a) - rank(b))) {
    const [head = '', tail] = text.split('/p2p-circuit')
    if (tail === undefined) continue
    const relay = head.slice(head.lastIndexOf('/p2p/'))
    const group = byRelay.get(relay) ?? { circuits: [], direct: [] }
    byRelay.set(relay, group)
    ;(tail.startsWith('/webrtc') ? group.direct : group.circuits).push(text)
  }
  const groups = [...byRelay.values()]
  const first = groups.flatMap(({ circuits, direct }) => [...circuits.slice(0, 1), ...direct.slice(0, 1)])
  const second = groups.flatMap(({ circuits }) => circuits.slice(1, 3))
  return [...first, ...second].slice(0, maxAnnounced)
}

/** Names reach furthest, then public addresses, then private ones; a machine's address for itself comes last. */
function rank(address: string): number {
  if (address.startsWith('/dns')) return 0
  if (/^\/ip4\/127\.|^\/ip6\/::1\//.test(address)) return 3
  return /^\/ip4\/(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|^\/ip6\/f[cde]/.test(address) ? 2 : 1
}
