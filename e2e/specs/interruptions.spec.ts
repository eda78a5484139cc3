import { expect, test } from '../harness/fixtures.ts'
import { playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'

const game = readRealGame('nine-by-nine')

test('D3: a spectator who joins in the middle sees the game so far and every move after', async ({
  seated: [black, white],
  arrive,
}) => {
  await playOn(game, { from: 0, to: 10 }, black, white)

  const watcher = await arrive('Ayumi')
  await watcher.open(await black.watchLink())
  await watcher.expectPly(10)
  await watcher.expectPosition(game.positions[9]!)
  await playOn(game, { from: 10, to: 16 }, black, white, [watcher])
  await expect(black.page.getByTestId('peers')).toHaveAttribute('data-watchers', '1')
  await expect(watcher.page.getByLabel('Coordinate')).toHaveCount(0)

  // The invite opened by a third person finds both seats taken: they watch.
  await watcher.leave()
  await expect(black.page.getByTestId('peers')).toHaveAttribute('data-watchers', '0')
})

test('a third person who opens the invite of a full game watches it', async ({ relay, arrive }) => {
  const black = await arrive('Honoka')
  const white = await arrive('Shun')
  const late = await arrive('Taro')
  const link = await black.createGame(relay.url, { color: 'Black' })
  await white.open(link)
  await black.expectPhase('playing')
  await playOn(game, { from: 0, to: 2 }, black, white)
  await late.open(link)
  await late.expectPly(2)
  await expect(late.page.getByLabel('Coordinate')).toHaveCount(0)
  await playOn(game, { from: 2, to: 4 }, black, white, [late])
})

test('D3: a reload on either side in the middle of the game loses nothing', async ({ seated: [black, white] }) => {
  await playOn(game, { from: 0, to: 6 }, black, white)

  await black.reload()
  await black.expectPly(6)
  await playOn(game, { from: 6, to: 10 }, black, white)

  await white.reload()
  await white.expectPly(10)
  // Black moves while White is still coming back.
  await playOn(game, { from: 10, to: 14 }, black, white)

  // Both at once: nobody who has the chain stays online.
  await Promise.all([black.reload(), white.reload()])
  await black.expectPly(14)
  await white.expectPly(14)
  await playOn(game, { from: 14, to: 18 }, black, white)
  await black.expectLine('direct')
})

test('a tab that crashes has said nothing, and is met again at once all the same [T7]', async ({
  seated: [black, white],
}) => {
  await playOn(game, { from: 0, to: 4 }, black, white)
  for (const player of [black, white]) await player.expectLine('direct')
  for (const [one, other, seat] of [
    [black, white, 'seat-white'],
    [white, black, 'seat-black'],
  ] as const) {
    await one.crash()
    await one.expectPly(4)
    await expect(one.page.getByTestId(seat)).toHaveAttribute('data-presence', 'here', { timeout: 5_000 })
    for (const player of [one, other]) await player.expectLine('direct', 15_000)
  }
  await playOn(game, { from: 4, to: 8 }, black, white)
})

test('a game that was closed is found again on the first page, and goes on', async ({
  seated: [black, white],
  relay,
}) => {
  await playOn(game, { from: 0, to: 4 }, black, white)

  await black.comeBack()
  await black.open(relay.url)
  await black.page.getByRole('listitem').getByRole('link').click()
  await black.expectPly(4)
  await playOn(game, { from: 4, to: 8 }, black, white)
})

test('B10 in part: the relay is killed and restarted mid-game; moves go on over the direct line, and the relay is found again', async ({
  relay,
  arrive,
}) => {
  const black = await arrive('Honoka')
  const white = await arrive('Shun')
  const link = await black.createGame(relay.url, { color: 'Black' })
  await white.open(link)
  await black.expectPhase('playing')
  await black.expectLine('direct')
  await white.expectLine('direct')
  await playOn(game, { from: 0, to: 4 }, black, white)

  await relay.kill()
  await black.expectRelay('offline')
  await playOn(game, { from: 4, to: 8 }, black, white)
  await black.expectLine('direct')

  await relay.restart()
  await black.expectRelay('ready', 90_000)
  await white.expectRelay('ready', 90_000)
  // The relay has lost every connection, and none of the game: a reload goes through it.
  await white.reload()
  await white.expectPly(8)
  await playOn(game, { from: 8, to: 12 }, black, white)
  await white.expectLine('direct')
})
