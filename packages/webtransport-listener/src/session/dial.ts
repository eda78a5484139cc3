import type { ComponentLogger, Connection, DialTransportOptions } from '@libp2p/interface'
import type { NoiseComponents } from '@libp2p/noise'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { WebTransport } from '@multiformats/multiaddr-matcher'
import { base64url } from 'multiformats/bases/base64'

import { WebTransportError } from '../webtransport-error.ts'
import { abortable, authenticateOutbound } from './authenticate.ts'
import type { SessionPort } from './session-port.ts'
import { Session } from './session.ts'
import { WtConnection } from './wt-connection.ts'
import { sessionMuxer } from './wt-muxer.ts'

/** SHA-256 as a multihash: its code, its length. */
const sha256Prefix = [0x12, 32]
const closeCodes = { unused: 0, failed: 1, stuck: 2 } as const

/** What {@link dial} needs of the side that dials. */
export interface DialOptions {
  readonly components: NoiseComponents & { readonly logger: ComponentLogger }
  readonly options: DialTransportOptions
  /** Streams of the far end at once. */
  readonly maxStreams: number
  readonly unsentBytes: number
  /** Opens a session by URL with a certificate whose SHA-256 is among the hashes. */
  readonly open: (url: string, sha256: Uint8Array[]) => Promise<SessionPort>
}

/** Whether an address can be dialled: with a hash that browsers know. */
export function canDial(address: Multiaddr): boolean {
  return WebTransport.exactMatch(address) && certhashesOf(address).length > 0
}

/**
 * Dials a WebTransport address: a session, Noise on its first stream, and the hashes confirmed.
 *
 * @throws WebTransportError `webtransport/dial-failed`, `webtransport/handshake-failed`; or the signal's reason
 */
export async function dial(address: Multiaddr, dialOptions: DialOptions): Promise<Connection> {
  const { components, options, maxStreams, unsentBytes, open } = dialOptions
  const { signal } = options
  signal.throwIfAborted()
  const certhashes = certhashesOf(address)
  const peer = address.getComponents().find(each => each.name === 'p2p')?.value
  const opening = open(
    urlOf(address),
    certhashes.map(each => each.slice(sha256Prefix.length)),
  )
  // One that comes too late is closed.
  opening.then(
    late => signal.aborted && late.close(closeCodes.unused, ''),
    () => {},
  )
  const port = await abortable(opening, signal).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new WebTransportError(
      'webtransport/dial-failed',
      `${String(address)} does not answer: ${String(cause)}`,
      cause,
    )
  })
  const session: Session = new Session({
    native: port,
    maxStuckStreams: maxStreams,
    unsentBytes,
    onStuck: () => session.close(closeCodes.stuck, 'stuck-streams'),
  })
  const log = components.logger.forComponent('libp2p:webtransport:connection')
  const connection = new WtConnection({ remoteAddr: address, direction: 'outbound', log })
  connection.attach(session)
  try {
    const remotePeer = await authenticateOutbound({
      session,
      connection,
      components,
      signal,
      certhashes,
      ...(peer !== undefined && { remotePeer: peerIdFromString(peer) }),
    })
    return await options.upgrader.upgradeOutbound(connection, {
      ...options,
      skipEncryption: true,
      skipProtection: true,
      remotePeer,
      muxerFactory: sessionMuxer({ session, maxStreams, onRefused: () => {} }),
    })
  } catch (error) {
    session.close(closeCodes.failed, 'handshake failed')
    throw error
  }
}

function urlOf(address: Multiaddr): string {
  const [host, udp] = address.getComponents()
  const name = host?.value ?? ''
  return `https://${name.includes(':') ? `[${name}]` : name}:${udp?.value}/.well-known/libp2p-webtransport?type=noise`
}

/** Multihash bytes of an address’s certificate hashes; those of other functions than SHA-256 are left out. */
function certhashesOf(address: Multiaddr): Uint8Array[] {
  const found: Uint8Array[] = []
  for (const { name, value } of address.getComponents()) {
    if (name !== 'certhash' || value?.startsWith('u') !== true) continue
    const bytes = base64url.decode(value)
    if (bytes.length === 34 && sha256Prefix.every((byte, index) => bytes[index] === byte)) found.push(bytes)
  }
  return found
}
