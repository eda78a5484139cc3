import { isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

import { RelayError } from '../relay-error.ts'

/** What a peer can dial a relay by. */
const waysIn = new Set(['ws', 'wss', 'webrtc-direct', 'webtransport'])
/** At most so many addresses are announced; a machine with many networks announces its first ones. */
const maxAnnounced = 16

/** What the relay listens on. */
export interface ListeningPorts {
  /** The address that the HTTP server is bound to; a wildcard stands for every interface. */
  readonly host: string
  readonly tcpPort: number
  /** The port of WebRTC-direct, when there is one. */
  readonly udpPort?: number | undefined
  /** The port of WebTransport, when there is one. */
  readonly webTransportPort?: number | undefined
}

/** The addresses of this machine that a host stands for: itself, or for a wildcard those of every interface. */
export function concreteHosts(
  host: string,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const addresses = Object.values(interfaces)
    .flatMap(each => each ?? [])
    .filter(each => (host === '::' || each.family === 'IPv4') && !each.address.startsWith('fe80:'))
    .map(each => each.address)
  // Public and private addresses first, this machine's own last, so that a cut list keeps what others can use.
  return [...addresses.filter(each => !isLoopback(each)), ...addresses.filter(isLoopback)].slice(0, maxAnnounced)
}

/** `127.0.0.0/8` and `::1`. */
function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

/**
 * Reads what an operator wants announced: a multiaddr as it is, or a domain, which stands for secure WebSocket at port 443
 * (`example.org`) or another one (`example.org:8443`).
 *
 * @throws RelayError `relay/invalid-config`
 */
export function parseAnnounced(text: string): Multiaddr {
  if (text.startsWith('/')) {
    try {
      const address = multiaddr(text)
      if (address.getComponents().some(each => waysIn.has(each.name))) return address
    } catch (cause) {
      throw new RelayError('relay/invalid-config', `"${text}" is not a multiaddr that can be announced.`, cause)
    }
    throw new RelayError(
      'relay/invalid-config',
      `"${text}" names no way into this relay: an announced multiaddr ends in /ws, /wss, /webrtc-direct or /webtransport.`,
    )
  }
  const match = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::(\d{1,5}))?$/i.exec(text)
  const port = Number(match?.[2] ?? 443)
  if (match?.[1] === undefined || isIP(match[1]) !== 0 || port < 1 || port > 65_535) {
    throw new RelayError('relay/invalid-config', `"${text}" is neither a multiaddr nor a domain that can be announced.`)
  }
  return multiaddr(`/dns4/${match[1].toLowerCase()}/tcp/${port}/wss`)
}

/**
 * The multiaddrs that the relay tells others. WebRTC-direct and WebTransport stand without their certificate hashes here; their
 * listeners add the current ones each time the list is read.
 *
 * They are given to libp2p as announced addresses, because it does not announce a public address of an interface before
 * somebody has confirmed it, and nobody confirms a relay's.
 */
export function announcedAddresses(ports: ListeningPorts, announce: readonly string[]): Multiaddr[] {
  if (announce.length > 0) return announce.map(parseAnnounced)
  return concreteHosts(ports.host).flatMap(host => {
    const family = isIP(host) === 0 ? 'dns' : isIPv6(host) ? 'ip6' : 'ip4'
    const addresses = [`/${family}/${host}/tcp/${ports.tcpPort}/ws`]
    if (family !== 'dns' && ports.udpPort !== undefined) {
      addresses.push(`/${family}/${host}/udp/${ports.udpPort}/webrtc-direct`)
    }
    if (family !== 'dns' && ports.webTransportPort !== undefined) {
      addresses.push(`/${family}/${host}/udp/${ports.webTransportPort}/quic-v1/webtransport`)
    }
    return addresses.map(each => multiaddr(each))
  })
}

/** The hosts at which browsers reach this relay's STUN server. */
export function stunHosts(host: string, announce: readonly string[]): string[] {
  const named = announce.flatMap(each => {
    const [first] = parseAnnounced(each).getComponents()
    return first?.value === undefined ? [] : [first.value]
  })
  const hosts = named.length > 0 ? [...new Set(named)] : concreteHosts(host)
  // A browser asks each of them: three are plenty, and its own machine is worth naming only when there is nothing else.
  const others = hosts.filter(each => !isLoopback(each))
  return (others.length > 0 ? others : hosts).slice(0, 3)
}
