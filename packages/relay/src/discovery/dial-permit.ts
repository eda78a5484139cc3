import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { TokenBucket } from '@tsugi/bounded'
import { type HostKind, hostKind } from '@tsugi/protocol'

import { hostOf } from './relay-name.ts'

/** Dials on a stranger's word: a relay whose records name a thousand victims makes us knock at few of them. */
const strangersPerSecond = 1
const strangersBurst = 60

/** What the relay dials. */
export interface DialPermit {
  /** Whether an address may be dialled now. */
  mayDial(address: Multiaddr): boolean
  /** Whether a name may lead to this IP address: asked when it has been looked up, so that a public name cannot lead inside. */
  mayReach(host: string, ip: string): boolean
}

/** What {@link createDialPermit} needs. */
export interface DialPermitOptions {
  /** Hosts that the operator named. They may be dialled wherever they are. */
  readonly namedHosts: ReadonlySet<string>
  /** Whether relays that the operator did not name are looked for. */
  readonly discovers: boolean
  /** The multiaddrs that this relay announces. */
  readonly ownAddresses: () => readonly string[]
  readonly now?: () => number
}

/**
 * Decides what is dialled. What the operator named, wherever it is. On a stranger's word (a record of the DHT, a relay that says
 * where it is) nothing that is more private than what this relay and the named ones announce: among relays of the public network
 * public hosts only; among those of a house's network private ones too; loopback only where everything is on loopback. The
 * metadata services of clouds and other special ranges are dialled by nobody.
 */
export function createDialPermit(options: DialPermitOptions): DialPermit {
  const bucket = new TokenBucket({
    capacity: strangersBurst,
    refillPerSecond: strangersPerSecond,
    ...(options.now !== undefined && { now: options.now }),
  })
  const isAllowed = (host: string): boolean => {
    const own = options.ownAddresses().map(each => hostOf(multiaddr(each)) ?? '')
    const widest = widestOf([...own, ...options.namedHosts])
    const kind = hostKind(host)
    return kind === 'public' || (kind === 'private' && widest !== 'public') || (kind === 'loopback' && widest === kind)
  }
  return {
    mayDial(address) {
      const host = hostOf(address)
      if (host === undefined) return false
      if (options.namedHosts.has(host)) return true
      return options.discovers && isAllowed(host) && bucket.tryTake()
    },
    mayReach: (host, ip) => options.namedHosts.has(host) || isAllowed(ip),
  }
}

/** The most public kind among some hosts. Where there is none, it is taken for public: then public hosts only are dialled. */
function widestOf(hosts: readonly string[]): HostKind {
  const kinds = new Set(hosts.map(hostKind))
  if (kinds.has('public') || kinds.size === 0) return 'public'
  return kinds.has('private') ? 'private' : 'loopback'
}
