import { test } from '../harness/fixtures.ts'
import { playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'

const game = readRealGame('nine-by-nine')

for (const [creator, visitor] of [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
] as const) {
  test(`F1: ${creator} invites, ${visitor} sits down, and they play over a direct line`, async ({ relay, arrive }) => {
    const black = await arrive('Honoka', { browser: creator })
    const white = await arrive('Shun', { browser: visitor })
    await white.open(await black.createGame(relay.url, { color: 'Black' }))
    await black.expectPhase('playing')
    await white.expectPhase('playing')
    await black.expectLine('direct')
    await white.expectLine('direct')
    await playOn(game, { from: 0, to: 24 }, black, white)
  })
}

test('two tabs of one browser play each other, and each keeps its seat over a reload', async ({ relay, arrive }) => {
  const black = await arrive('Honoka')
  const link = await black.createGame(relay.url, { color: 'Black' })
  const white = await black.openTab('Shun')
  await white.open(link)
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  await playOn(game, { from: 0, to: 4 }, black, white)
  await white.reload()
  await black.reload()
  await playOn(game, { from: 4, to: 8 }, black, white)
})
