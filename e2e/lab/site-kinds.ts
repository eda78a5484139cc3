/** How a site is joined to the public network. */
export interface SiteTraits {
  /** What a person would call it, for the table. */
  readonly title: string
  /**
   * What its router does to UDP. `none`: public addresses, nothing is translated. `cone`: one public port for each inner one, open
   * to everybody. `restricted`: the same port, open only to whom it has sent something. `symmetric`: another port for each
   * destination, open only to it. (RFC 4787: endpoint-independent mapping for the middle two, address and port-dependent for the last.)
   */
  readonly nat: 'none' | 'cone' | 'restricted' | 'symmetric'
  /** Whether strangers' packets are dropped where nothing is translated, as by a home's IPv6 firewall. A router that translates always does. */
  readonly isGuarded: boolean
  /** How many routers translate, one behind the other. */
  readonly layers: 1 | 2
  readonly udp: boolean
  readonly ip4: boolean
  readonly ip6: boolean
  /** What its line loses, each way. */
  readonly lossPercent?: number
  /** How wide its line is, each way. */
  readonly kbitPerSecond?: number
}

const home = { nat: 'restricted', isGuarded: true, layers: 1, udp: true, ip4: true, ip6: false } as const

/** Every kind of site of the lab. */
export const siteKinds = {
  open: { ...home, title: 'no NAT', nat: 'none', isGuarded: false },
  cone: { ...home, title: 'full cone', nat: 'cone' },
  restricted: { ...home, title: 'port-restricted' },
  symmetric: { ...home, title: 'symmetric', nat: 'symmetric' },
  double: { ...home, title: 'two layers', layers: 2 },
  'no-udp': { ...home, title: 'UDP blocked', udp: false },
  dual: { ...home, title: 'IPv4 (port-restricted) and IPv6', ip6: true },
  ip6: { ...home, title: 'IPv6 alone', nat: 'none', ip4: false, ip6: true },
  lossy: { ...home, title: 'port-restricted, 5 % loss', lossPercent: 5 },
  narrow: { ...home, title: 'port-restricted, 256 kbit/s', kbitPerSecond: 256 },
  /** For relays: reached by everybody, over both. */
  server: { ...home, title: 'server', nat: 'none', isGuarded: false, ip6: true },
} as const satisfies Record<string, SiteTraits>

/** The name of a kind of site. */
export type SiteKind = keyof typeof siteKinds

/**
 * Whether two sites can reach each other directly with nothing but STUN (RFC 5389's successor and ICE, RFC 8445). A symmetric
 * router's port towards the other cannot be known beforehand: the other must take packets from any port, or have no router at all.
 */
export function canBeDirect(a: SiteTraits, b: SiteTraits): boolean {
  if (!a.udp || !b.udp) return false
  if (a.ip6 && b.ip6) return true
  if (!a.ip4 || !b.ip4) return false
  return !isShut(a, b) && !isShut(b, a)
}

function isShut(a: SiteTraits, b: SiteTraits): boolean {
  return a.nat === 'symmetric' && (b.nat === 'symmetric' || b.nat === 'restricted')
}
