/** Chrome allows some 500 RTCPeerConnections in a tab's life, closed ones included; we stop trying before, so that others can still reach us. */
const maxTried = 350
const maxOpened = 470

/** How many WebRTC connections were made here, by whichever peer, whoever began. */
let opened = 0

/** Counts a WebRTC connection that is about to be made; answers whether it may be. */
export function takeWebRtcConnection(): boolean {
  if (isLimited() && opened >= maxOpened) return false
  opened += 1
  return true
}

/** Whether to try another direct line of our own accord. */
export function mayTryWebRtc(): boolean {
  return !isLimited() || opened < maxTried
}

/** How many were made. */
export function webRtcConnectionsMade(): number {
  return opened
}

/** Node has no such limit. */
function isLimited(): boolean {
  return typeof RTCPeerConnection !== 'undefined'
}
