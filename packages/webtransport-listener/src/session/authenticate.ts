import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'

import { WebTransportError } from '../webtransport-error.ts'
import type { Session } from './session.ts'
import { WtStream } from './wt-stream.ts'

/** What both sides of the handshake need. */
interface AuthenticateOptions {
  readonly session: Session
  readonly connection: MultiaddrConnection
  readonly components: NoiseComponents
  readonly signal: AbortSignal
}

/**
 * The listener's side: Noise on the first stream that the far end opens, confirming the hashes of our certificates in `webtransport_certhashes`
 * (libp2p specs, webtransport, “Security Handshake”).
 */
export async function authenticateInbound(
  options: AuthenticateOptions & { readonly certhashes: Uint8Array[] },
): Promise<PeerId> {
  const { session, components, signal, certhashes } = options
  const pair = await abortable(session.acceptStream(), signal)
  const stream = authStream(options, pair, 'inbound')
  const encrypter = noise({ extensions: { webtransportCerthashes: certhashes } })(components)
  const { remotePeer } = await encrypter.secureInbound(stream, { signal, skipStreamMuxerNegotiation: true })
  stream.close({ signal }).catch(() => {})
  return remotePeer
}

/** The dialler's side: all hashes of the address must be among those that the listener confirms. */
export async function authenticateOutbound(
  options: AuthenticateOptions & { readonly certhashes: readonly Uint8Array[]; readonly remotePeer?: PeerId },
): Promise<PeerId> {
  const { session, components, signal, certhashes, remotePeer } = options
  const pair = await abortable(session.openStream(), signal)
  const stream = authStream(options, pair, 'outbound')
  const secured = await noise()(components).secureOutbound(stream, {
    signal,
    skipStreamMuxerNegotiation: true,
    ...(remotePeer !== undefined && { remotePeer }),
  })
  const confirmed = new Set((secured.remoteExtensions?.webtransportCerthashes ?? []).map(hex))
  if (!certhashes.every(each => confirmed.has(hex(each)))) {
    throw new WebTransportError(
      'webtransport/handshake-failed',
      'The far end does not confirm the certificate hashes of its address.',
    )
  }
  await stream.close({ signal })
  return secured.remotePeer
}

function authStream(
  { session, connection }: AuthenticateOptions,
  pair: ConstructorParameters<typeof WtStream>[0]['pair'],
  direction: 'inbound' | 'outbound',
): WtStream {
  return new WtStream({ pair, session, id: 'noise', direction, log: connection.log.newScope('noise') })
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16)).join()

/** Stops waiting when the signal aborts; what is waited for ends with the session. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}
