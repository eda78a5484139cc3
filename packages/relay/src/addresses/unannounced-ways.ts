import { isIP, isIPv6 } from 'node:net'

import type { OptionalTransport } from '../ways-in.ts'
import { parseAnnounced } from './announced-addresses.ts'

/** A way in that is open and that nobody is told of. */
export interface UnannouncedWay {
  readonly transport: OptionalTransport
  readonly udpPort: number
  /** What would have to be announced besides; `<public IP>` stands for what the relay does not know. */
  readonly missing: string
}

/**
 * What an operator who announces addresses of their own leaves out: `/dns4/example.org/tcp/443/wss` says nothing about the UDP ports
 * beside it, and whether they can be reached where the name leads, only the operator knows.
 */
export function unannouncedWays(
  ports: Readonly<Record<OptionalTransport, number | undefined>>,
  announce: readonly string[],
): UnannouncedWay[] {
  const named = announce.map(parseAnnounced)
  const [first] = named.flatMap(each => each.getComponents().slice(0, 1))
  const names = new Set(named.flatMap(each => each.getComponents().map(({ name }) => name)))
  return (['webrtc-direct', 'webtransport'] as const).flatMap(transport => {
    const udpPort = ports[transport]
    if (announce.length === 0 || udpPort === undefined || names.has(transport)) return []
    const host = hostFor(transport, first)
    const ending = transport === 'webtransport' ? '/quic-v1/webtransport' : '/webrtc-direct'
    return [{ transport, udpPort, missing: `${host}/udp/${udpPort}${ending}` }]
  })
}

/** Browsers look names up for WebTransport, and for WebRTC-direct only take an IP address. */
function hostFor(
  transport: OptionalTransport,
  first: { readonly name: string; readonly value?: string | undefined } | undefined,
): string {
  const value = first?.value ?? ''
  if (isIP(value) !== 0) return `/${isIPv6(value) ? 'ip6' : 'ip4'}/${value}`
  return transport === 'webtransport' && first !== undefined ? `/${first.name}/${value}` : '/ip4/<public IP>'
}
