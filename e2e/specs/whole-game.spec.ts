import { parseSgf, scoreGame, sgfToGame } from '@tsugi/go'

import { expect, test } from '../harness/fixtures.ts'
import { playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'

const game = readRealGame('nine-by-nine')

test('D5, F1: two people open a link and play a whole real game to a score that both accept, over a direct line', async ({
  relay,
  arrive,
}) => {
  const black = await arrive('Honoka')
  const white = await arrive('Shun')

  const link = await black.createGame(relay.url, { size: 9, color: 'Black', ruleset: 'Chinese', komi: 7 })
  await black.expectPhase('waiting')
  await white.open(link)
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  await black.expectLine('direct')
  await white.expectLine('direct')
  await expect.poll(() => relay.health().then(health => health.streams.active)).toBe(1)

  await playOn(game, { from: 0, to: game.moves.length }, black, white)

  await black.expectPhase('settling')
  await white.expectPhase('settling')
  // Both see the same first guess; one corrects it and back, and the other follows.
  const verdict = (player: typeof black) => player.page.getByTestId('count-result')
  await expect(verdict(black)).toHaveAttribute('data-result', 'W+2')
  await expect(verdict(white)).toHaveAttribute('data-result', 'W+2')
  await black.page.getByLabel('Coordinate').fill('G1')
  await black.page.getByLabel('Coordinate').press('Enter')
  await expect(verdict(black)).not.toHaveAttribute('data-result', 'W+2')
  const changed = (await verdict(black).getAttribute('data-result')) ?? ''
  await expect(verdict(white)).toHaveAttribute('data-result', changed)
  await white.page.getByLabel('Coordinate').fill('G1')
  await white.page.getByLabel('Coordinate').press('Enter')
  await expect(verdict(white)).toHaveAttribute('data-result', 'W+2')
  await expect(verdict(black)).toHaveAttribute('data-result', 'W+2')
  await white.press('Accept the count')
  await expect(black.page.getByTestId('accepted')).toContainText('accepts this count')
  await black.press('Accept the count')

  for (const player of [black, white]) {
    await player.expectPhase('over')
    // Nobody cheated, and nobody is said to have.
    await expect(player.page.getByTestId('phase')).toHaveAttribute('data-refused', '0')
    await expect(player.page.getByTestId('result')).toHaveAttribute('data-result', 'W+2')
  }

  const parsed = parseSgf(await white.downloadSgf())
  expect(parsed.ok).toBe(true)
  if (!parsed.ok) return
  const replayed = sgfToGame(parsed.value[0]!)
  expect(replayed.ok).toBe(true)
  if (!replayed.ok) return
  const last = replayed.value.states.at(-1)!
  expect([...last.board]).toEqual([...game.states.at(-1)!.board])
  expect(replayed.value.result).toBe('W+2')
  expect(replayed.value.setup).toMatchObject({ size: 9, ruleset: 'chinese', komi: 7 })
  expect(scoreGame(last, []).text).not.toBe('')

  await black.leave()
  await white.leave()
  await expect.poll(() => relay.health().then(health => health.streams.active)).toBe(0)
  expect(black.complaints).toEqual([])
  expect(white.complaints).toEqual([])
})
