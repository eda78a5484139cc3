import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

/** The module as a tab loads it, with nothing counted. */
function fresh() {
  vi.resetModules()
  return import('./webrtc-budget.ts')
}

beforeEach(() => vi.stubGlobal('RTCPeerConnection', () => {}))
afterEach(() => vi.unstubAllGlobals())

describe('the WebRTC connections of a tab’s life', () => {
  it('are tried up to a number, beyond it accepted, and refused before the browser does so', async () => {
    const budget = await fresh()
    let tried = 0
    while (budget.mayTryWebRtc() && budget.takeWebRtcConnection()) tried += 1
    expect(tried).toBe(350)
    let accepted = 0
    while (budget.takeWebRtcConnection()) accepted += 1
    expect(tried + accepted).toBe(470)
    expect(budget.webRtcConnectionsMade()).toBe(470)
  })

  it('are not limited outside of browsers', async () => {
    vi.unstubAllGlobals()
    const budget = await fresh()
    for (let made = 0; made < 1_000; made += 1) budget.takeWebRtcConnection()
    expect([budget.mayTryWebRtc(), budget.takeWebRtcConnection()]).toEqual([true, true])
  })
})
