import type { CreateListenerOptions, Listener, Transport } from '@libp2p/interface'

import { addressKey } from '../addresses/address-prefix.ts'
import { RelayError } from '../relay-error.ts'

/** Peer connections whose handshake has not ended. Each costs close to a megabyte, and whoever sends a datagram can have one made. */
const maxPending = 128
const maxPendingPerAddress = 16

/** Why a peer connection was not made, or did not become a connection. */
export type WebRtcRefusal = 'webrtc/pending' | 'webrtc/handshake-timeout' | 'webrtc/handshake'

/** What {@link gateWebRtc} asks. */
export interface WebRtcGateOptions {
  /** Called before anything is made for an address; `true` makes nothing. It counts for itself. */
  readonly isRefused: (address: string) => boolean
  readonly onRefused: (reason: WebRtcRefusal, address: string) => void
}

/** The part of `@libp2p/webrtc`'s listener that makes a peer connection for a datagram. */
interface WebRtcListener extends Listener {
  incomingConnection?(ufrag: string, remoteHost: string, remotePort: number, signal: AbortSignal): Promise<void>
}

/**
 * Bounds what WebRTC-direct makes for strangers. Its listener creates a peer connection for each new user of ICE at its port, before
 * any handshake, and knows no ceiling.
 *
 * @throws RelayError `relay/incompatible-library` from the returned transport, when the listener has another shape
 */
export function gateWebRtc(
  create: (components: never) => Transport,
  options: WebRtcGateOptions,
): (components: never) => Transport {
  return components => {
    const transport = create(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (listenerOptions: CreateListenerOptions) =>
      gateListener(createListener(listenerOptions), options)
    return transport
  }
}

/** @internal */
export function gateListener(listener: WebRtcListener, { isRefused, onRefused }: WebRtcGateOptions): Listener {
  const make = listener.incomingConnection?.bind(listener)
  if (make === undefined) {
    throw new RelayError('relay/incompatible-library', '@libp2p/webrtc makes its connections in another way.')
  }
  const pendingByAddress = new Map<string, number>()
  let pending = 0
  /** libp2p tells nobody whether a connection stands, so a second datagram of one ICE user, of many, must not count as another. */
  const users = new Set<string>()
  listener.incomingConnection = async (ufrag, remoteHost, remotePort, signal) => {
    const user = `${remoteHost}:${remotePort}:${ufrag}`
    if (users.has(user)) return
    const address = addressKey(remoteHost)
    if (isRefused(remoteHost)) return
    const here = pendingByAddress.get(address) ?? 0
    if (pending >= maxPending || here >= maxPendingPerAddress) {
      onRefused('webrtc/pending', address)
      return
    }
    users.add(user)
    pending += 1
    pendingByAddress.set(address, here + 1)
    try {
      await make(ufrag, remoteHost, remotePort, signal)
    } catch (error) {
      // Who was refused by admission has been counted there.
      const { name } = error as Error
      if (signal.aborted) onRefused('webrtc/handshake-timeout', address)
      else if (name !== 'ConnectionInterceptedError' && name !== 'ConnectionDeniedError') {
        onRefused('webrtc/handshake', address)
      }
      throw error
    } finally {
      users.delete(user)
      pending -= 1
      const left = (pendingByAddress.get(address) ?? 1) - 1
      if (left > 0) pendingByAddress.set(address, left)
      else pendingByAddress.delete(address)
    }
  }
  return listener
}
