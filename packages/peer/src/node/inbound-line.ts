/** The part of a browser's RTCPeerConnection that tells whether it stands. */
type StateTarget = Pick<RTCPeerConnection, 'connectionState' | 'addEventListener' | 'removeEventListener'>

/**
 * Whether a direct line that somebody else opened really stands, or does so in time. The stock listener takes the end of the
 * handshake's stream for success, so when the dialler gives up, it hands over a line that never came to be, and everything sent on
 * that would be lost.
 *
 * @param inbound - what the connection gater is asked about
 */
export async function doesStand(inbound: object, signal: AbortSignal): Promise<boolean> {
  const { peerConnection } = inbound as { readonly peerConnection?: StateTarget }
  if (peerConnection === undefined) return true
  const isOpening = (): boolean => ['new', 'connecting'].includes(peerConnection.connectionState)
  if (isOpening() && !signal.aborted) {
    const settled = Promise.withResolvers<void>()
    const look = (): void => {
      if (!isOpening() || signal.aborted) settled.resolve()
    }
    peerConnection.addEventListener('connectionstatechange', look)
    signal.addEventListener('abort', look)
    await settled.promise
    peerConnection.removeEventListener('connectionstatechange', look)
    signal.removeEventListener('abort', look)
  }
  return peerConnection.connectionState === 'connected'
}
