import type { Transport } from '@libp2p/interface'
import type { Limits } from '@tsugi/protocol'

import { gateWebRtc } from './admission/webrtc-gate.ts'
import type { Refusals } from './refusals.ts'
import { probeUdpPort } from './udp-port.ts'

/** A transport on a UDP port of its own, beside WebSocket on the HTTP server. */
interface WayIn {
  readonly transport: (components: never) => Transport
  readonly udpPort: number
}

/** The transports whose native parts may be missing on a machine. */
export interface WaysIn {
  readonly webRtc?: WayIn
  readonly webTransport?: WayIn
}

/** The name of a way in that could not be opened. */
export type OptionalTransport = 'webrtc-direct' | 'webtransport'

/** What {@link openWaysIn} needs. */
export interface WaysInOptions {
  readonly host: string
  /** `0` takes a free one; `'off'`, or none, leaves it out. */
  readonly webRtcPort: number | 'off' | undefined
  readonly webTransportPort: number | 'off' | undefined
  readonly limits: Pick<Limits, 'relayPeers' | 'circuitBufferBytes'>
  readonly refusals: Refusals
  /** Whether an address is turned away before anything is made for it; counts for itself. */
  readonly isRefused: (address: string) => boolean
  /** @param reason - a sentence for the operator */
  readonly onFailed: (transport: OptionalTransport, reason: string) => void
}

/** A session holds two descriptors and some memory outside of V8. */
const maxWebTransportSessions = 4_000

/**
 * Loads what is wanted. What cannot be loaded is left out, and said.
 *
 * @throws RelayError `relay/port-taken` when a port is wanted that somebody else has
 */
export async function openWaysIn(options: WaysInOptions): Promise<WaysIn> {
  const webRtc = await openWebRtc(options)
  const webTransport = await openWebTransport(options)
  return { ...(webRtc !== undefined && { webRtc }), ...(webTransport !== undefined && { webTransport }) }
}

async function openWebRtc({
  host,
  webRtcPort,
  refusals,
  isRefused,
  onFailed,
}: WaysInOptions): Promise<WayIn | undefined> {
  if (webRtcPort === undefined || webRtcPort === 'off') return undefined
  const udpPort = await probeUdpPort(host, webRtcPort)
  try {
    const { webRTCDirect } = await import('@libp2p/webrtc')
    const transport = gateWebRtc(webRTCDirect() as WayIn['transport'], {
      isRefused,
      onRefused: (reason, address) => refusals.add(reason, address),
    })
    return { transport, udpPort }
  } catch (error) {
    onFailed('webrtc-direct', `WebRTC-direct could not start on UDP port ${udpPort}: ${String(error)}`)
    return undefined
  }
}

async function openWebTransport(options: WaysInOptions): Promise<WayIn | undefined> {
  const { host, webTransportPort, limits, refusals, onFailed } = options
  if (webTransportPort === undefined || webTransportPort === 'off') return undefined
  let transport: WayIn['transport']
  try {
    const { webTransportListener } = await import('@tsugi/webtransport-listener')
    transport = webTransportListener({
      limits: {
        sessions: Math.min(limits.relayPeers, maxWebTransportSessions),
        unsentBytes: Math.min(limits.circuitBufferBytes / 4, 256 * 1_024),
      },
      onRefused: reason => refusals.add(`webtransport/${reason}`),
    }) as WayIn['transport']
  } catch (error) {
    onFailed('webtransport', (error as Error).message)
    return undefined
  }
  return { transport, udpPort: await probeUdpPort(host, webTransportPort) }
}
