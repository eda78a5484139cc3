import { withoutUdp } from '../harness/browsers.ts'
import { expect, test } from '../harness/fixtures.ts'
import { playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'

const game = readRealGame('nine-by-nine')

test('C9: where WebRTC is impossible the whole game is played through the relay', async ({ relay, arrive }) => {
  const black = await arrive('Honoka', { args: withoutUdp })
  const white = await arrive('Shun', { args: withoutUdp })
  await white.open(await black.createGame(relay.url, { color: 'Black', ruleset: 'Chinese', komi: 7 }))
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  await playOn(game, { from: 0, to: game.moves.length }, black, white)
  await black.expectLine('relayed')
  await white.expectLine('relayed')
  await white.press('Accept the count')
  await black.press('Accept the count')
  await expect(black.page.getByTestId('result')).toHaveAttribute('data-result', 'W+2')
  await expect(white.page.getByTestId('result')).toHaveAttribute('data-result', 'W+2')
})

test('a browser that has no WebRTC at all plays relayed', async ({ relay, arrive }) => {
  const black = await arrive('Honoka')
  const white = await arrive('Shun')
  await white.context.addInitScript(() => {
    for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel']) {
      Reflect.deleteProperty(globalThis, name)
    }
  })
  await white.open(await black.createGame(relay.url, { color: 'Black' }))
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  await playOn(game, { from: 0, to: 6 }, black, white)
  await white.expectLine('relayed')
})
