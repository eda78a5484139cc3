import { announcedAddresses } from './addresses/announced-addresses.ts'
import { type UnannouncedWay, unannouncedWays } from './addresses/unannounced-ways.ts'
import { type NodeParts, type RelayNode, createNode } from './create-node.ts'
import type { OptionalTransport, WaysIn } from './ways-in.ts'

/** What {@link startNode} wants to know beside the node's parts. */
export interface StartNodeOptions {
  readonly waysIn: WaysIn
  readonly announce: readonly string[]
  readonly onFailed: (transport: OptionalTransport, reason: string) => void
  readonly onUnannounced: (way: UnannouncedWay) => void
}

/** By which part of an address a way in is known to listen. */
const marks = { 'webrtc-direct': '/webrtc-direct/certhash/', webtransport: '/webtransport/certhash/' } as const

/** Starts the node with the ways in that there are, and says which of them does not listen after all, or listens and is not announced. */
export async function startNode(
  parts: Omit<NodeParts, 'announce' | 'waysIn'>,
  { waysIn, announce, onFailed, onUnannounced }: StartNodeOptions,
): Promise<RelayNode> {
  const ports = {
    host: parts.host,
    tcpPort: parts.tcpPort,
    udpPort: waysIn.webRtc?.udpPort,
    webTransportPort: waysIn.webTransport?.udpPort,
  }
  const node = await createNode({ ...parts, waysIn, announce: announcedAddresses(ports, announce) })
  const unannounced = unannouncedWays(
    { 'webrtc-direct': ports.udpPort, webtransport: ports.webTransportPort },
    announce,
  )
  for (const way of unannounced) onUnannounced(way)
  // The hash comes from whoever listens; of what is not announced, nothing is seen here.
  const listening = node.getMultiaddrs().join(' ')
  const check = (transport: OptionalTransport, port: number | undefined): void => {
    if (port === undefined || listening.includes(marks[transport])) return
    if (unannounced.some(way => way.transport === transport)) return
    onFailed(transport, `${transport} does not listen on UDP port ${port}.`)
  }
  check('webrtc-direct', ports.udpPort)
  check('webtransport', ports.webTransportPort)
  return node
}
