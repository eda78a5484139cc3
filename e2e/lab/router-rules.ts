import type { SiteTraits } from './site-kinds.ts'

/** Where packets from outside are sent that nobody inside has asked for. */
interface RouterPlace {
  /** The IPv4 address of the one machine behind it. */
  readonly inner: string
}

/**
 * The rules of a site's router, for `nft -f`. Its interfaces are `wan` and `lan`. What is not wanted is dropped without an answer, and
 * before it is tracked: a tracked stranger would occupy the port that the inner side is about to use towards them.
 */
export function routerRules(traits: SiteTraits, { inner }: RouterPlace): string {
  return [...natRules(traits, inner), ...filterRules(traits)].join('\n')
}

function natRules({ nat }: SiteTraits, inner: string): string[] {
  if (nat === 'none') return []
  const masquerade = nat === 'symmetric' ? 'masquerade random,fully-random' : 'masquerade'
  const rules = [
    'add table ip nat',
    'add chain ip nat out { type nat hook postrouting priority srcnat; }',
    `add rule ip nat out oifname "wan" ${masquerade}`,
  ]
  if (nat !== 'cone') return rules
  return [
    ...rules,
    'add chain ip nat in { type nat hook prerouting priority dstnat; }',
    `add rule ip nat in iifname "wan" meta l4proto udp dnat to ${inner}`,
  ]
}

function filterRules({ nat, udp, isGuarded }: SiteTraits): string[] {
  return [
    'add table inet filter',
    'add chain inet filter input { type filter hook input priority filter; }',
    'add rule inet filter input iifname "wan" ct state established,related accept',
    'add rule inet filter input iifname "wan" meta l4proto { icmp, ipv6-icmp } accept',
    'add rule inet filter input iifname "wan" drop',
    'add chain inet filter forward { type filter hook forward priority filter; }',
    ...(udp ? [] : ['add rule inet filter forward meta l4proto udp drop']),
    ...(isGuarded
      ? [
          'add rule inet filter forward iifname "wan" ct state established,related accept',
          ...(nat === 'cone' ? ['add rule inet filter forward iifname "wan" ct status dnat accept'] : []),
          'add rule inet filter forward iifname "wan" drop',
        ]
      : []),
    // The line itself: what is lost on it, or cut; see `lineRules`.
    'add chain inet filter line { type filter hook forward priority filter - 10; }',
  ]
}

/** What is wrong with a site's line. */
export interface LineFault {
  /** Packets from the site (`out`), to it (`in`), or both, vanish without a word; or those of UDP, both ways, and with them its direct lines; or those of TCP. */
  readonly cut?: 'out' | 'in' | 'both' | 'udp' | 'tcp'
  /** Share of packets that vanish, each way. */
  readonly lossPercent?: number
}

/** The rules that make a line so; they replace the ones before in one step. */
export function lineRules({ cut, lossPercent }: LineFault): string {
  return [
    'flush chain inet filter line',
    ...(cut === 'out' || cut === 'both' ? ['add rule inet filter line iifname "lan" drop'] : []),
    ...(cut === 'in' || cut === 'both' ? ['add rule inet filter line iifname "wan" drop'] : []),
    ...(cut === 'udp' || cut === 'tcp' ? [`add rule inet filter line meta l4proto ${cut} drop`] : []),
    ...(lossPercent === undefined
      ? []
      : [`add rule inet filter line numgen random mod 1000 < ${lossPercent * 10} drop`]),
  ].join('\n')
}
