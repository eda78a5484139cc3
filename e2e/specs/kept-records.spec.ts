import { expect, test } from '../harness/fixtures.ts'
import { playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'

const game = readRealGame('nine-by-nine')

test('D3: White moves while Black is away and leaves; Black comes back to it from the relay alone, which was killed in between', async ({
  relay,
  arrive,
}) => {
  const black = await arrive('Honoka')
  const white = await arrive('Shun')
  const link = await black.createGame(relay.url, { color: 'Black' })
  await white.open(link)
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  await playOn(game, { from: 0, to: 3 }, black, white)

  // The game, White's seat and each move: a page that goes away keeps no more.
  const recordsAt = (ply: number): number => 2 + ply
  const kept = (): Promise<number> => relay.metric('memory_store_logs_total')
  await expect.poll(kept).toBe(recordsAt(3))
  await black.page.goto('about:blank')
  await white.play(game.moves[3] ?? '')
  await white.expectPly(4)
  await expect.poll(kept).toBe(recordsAt(4))
  await white.leave()
  await relay.kill()
  await relay.restart()
  expect(await kept()).toBe(recordsAt(4))

  await black.open(link)
  await black.expectPly(4)
  await black.expectPosition(game.positions[3] ?? '')
  await black.play(game.moves[4] ?? '')
  await black.expectPly(5)
  await expect.poll(kept).toBe(recordsAt(5))
})

test('D3: somebody who opens a watch link finds the game although no player is there', async ({
  seated: [black, white],
  relay,
  arrive,
}) => {
  await playOn(game, { from: 0, to: 6 }, black, white)
  const watchLink = await black.watchLink()
  // Genesis, a seat, six moves.
  await expect.poll(() => relay.metric('memory_store_logs_total')).toBe(8)
  await black.leave()
  await white.leave()

  const watcher = await arrive('Ayumi')
  await watcher.open(watchLink)
  await watcher.expectPly(6)
  await watcher.expectPosition(game.positions[5] ?? '')
})
