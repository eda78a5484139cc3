import { announcedAddresses } from './addresses/announced-addresses.ts'
import { type NodeParts, type RelayNode, createNode } from './create-node.ts'
import type { OptionalTransport, WaysIn } from './ways-in.ts'

/** What {@link startNode} wants to know beside the node's parts. */
export interface StartNodeOptions {
  readonly waysIn: WaysIn
  readonly announce: readonly string[]
  readonly onFailed: (transport: OptionalTransport, reason: string) => void
}

/** By which part of an address a way in is known to listen. */
const marks = { 'webrtc-direct': '/webrtc-direct/certhash/', webtransport: '/webtransport/certhash/' } as const

/** Starts the node with the ways in that there are, and says which of them does not listen after all. */
export async function startNode(
  parts: Omit<NodeParts, 'announce' | 'waysIn'>,
  { waysIn, announce, onFailed }: StartNodeOptions,
): Promise<RelayNode> {
  const ports = {
    host: parts.host,
    tcpPort: parts.tcpPort,
    udpPort: waysIn.webRtc?.udpPort,
    webTransportPort: waysIn.webTransport?.udpPort,
  }
  const node = await createNode({ ...parts, waysIn, announce: announcedAddresses(ports, announce) })
  if (announce.length > 0) return node
  const listening = node.getMultiaddrs().join(' ')
  const check = (transport: OptionalTransport, port: number | undefined): void => {
    if (port === undefined || listening.includes(marks[transport])) return
    onFailed(transport, `${transport} does not listen on UDP port ${port}.`)
  }
  check('webrtc-direct', ports.udpPort)
  check('webtransport', ports.webTransportPort)
  return node
}
