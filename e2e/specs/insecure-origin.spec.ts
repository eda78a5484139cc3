import { expect, test } from '../harness/fixtures.ts'
import { playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'

const game = readRealGame('nine-by-nine')

test('on an origin that is not secure (plain http, no crypto.subtle, no Web Locks) it plays all the same', async ({
  relay,
  arrive,
}) => {
  // A name that is not localhost, and leads to loopback: what a phone sees that opens http://192.168.…:8080.
  const args = ['--host-resolver-rules=MAP tsugi.test 127.0.0.1']
  const black = await arrive('Honoka', { args })
  const white = await arrive('Shun', { args })
  const link = await black.createGame(`http://tsugi.test:${relay.port}/`, { color: 'Black' })
  expect(await black.page.evaluate(() => [isSecureContext, 'locks' in navigator])).toEqual([false, false])
  await white.open(link)
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  await playOn(game, { from: 0, to: 6 }, black, white)
  await white.reload()
  await white.expectPly(6)
  await playOn(game, { from: 6, to: 10 }, black, white)
})
