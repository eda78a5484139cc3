import { expect, test } from 'vitest'

import { doesStand } from './inbound-line.ts'

class FakePeerConnection extends EventTarget {
  connectionState: RTCPeerConnectionState = 'connecting'

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}

function inbound(): { peerConnection: FakePeerConnection; answer: Promise<boolean>; giveUp: AbortController } {
  const peerConnection = new FakePeerConnection()
  const giveUp = new AbortController()
  return { peerConnection, giveUp, answer: doesStand({ peerConnection }, giveUp.signal) }
}

test('C9: a direct line that is still being made when its handshake ends is waited for', async () => {
  const { peerConnection, answer } = inbound()
  peerConnection.become('connected')
  expect(await answer).toBe(true)
})

test('C9: a direct line that its dialler gave up is none', async () => {
  const failed = inbound()
  failed.peerConnection.become('failed')
  expect(await failed.answer).toBe(false)

  const stuck = inbound()
  stuck.giveUp.abort()
  expect(await stuck.answer).toBe(false)
})

test('what is no WebRTC line is not asked', async () => {
  expect(await doesStand({}, new AbortController().signal)).toBe(true)
})
