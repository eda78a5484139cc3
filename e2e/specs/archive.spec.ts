import { readFile } from 'node:fs/promises'

import { parseSgf, sgfToGame } from '@tsugi/go'

import { expect, test } from '../harness/fixtures.ts'
import { playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'

const game = readRealGame('nine-by-nine')

test('B12: a player publishes a finished game, and the relay keeps it with its chain and SGF over a restart', async ({
  seated: [black, white],
  relay,
}) => {
  await playOn(game, { from: 0, to: 6 }, black, white)
  await white.press('Resign')
  await white.page.getByRole('dialog').getByRole('button', { name: 'Resign', exact: true }).click()
  await black.expectPhase('over')

  expect(await relay.metric('tsugi_archive_games')).toBe(0)
  await black.press('Keep in the relay’s archive')
  await expect(black.page.getByRole('dialog')).toContainText('Whoever runs the relay will be able to read')
  await black.page.getByRole('dialog').getByRole('button', { name: 'Keep it', exact: true }).click()
  await expect(black.page.getByText('The game is in the relay’s archive now.')).toBeVisible()
  await expect(black.page.getByRole('button', { name: 'Keep in the relay’s archive' })).toBeHidden()
  await black.page.getByRole('link', { name: 'New game' }).click()
  await expect(black.page.getByTestId('notice')).toBeHidden()
  await expect.poll(() => relay.metric('tsugi_archive_games')).toBe(1)

  await relay.kill()
  await relay.restart()
  const headers = { Authorization: `Bearer ${await relay.adminToken()}` }
  const list = (await (await fetch(`${relay.url}/api/v1/archive`, { headers })).json()) as {
    items: { id: string; result: string; players: string[]; moves: number }[]
  }
  expect(list.items).toMatchObject([{ result: 'B+R', players: ['Honoka', ''], moves: 6 }])
  const sgf = await (await fetch(`${relay.url}/api/v1/archive/${list.items[0]?.id}.sgf`, { headers })).text()
  const parsed = parseSgf(sgf)
  if (!parsed.ok) throw new Error(parsed.error.message)
  const replayed = sgfToGame(parsed.value[0]!)
  if (!replayed.ok) throw new Error(replayed.code)
  const position = Array.from(replayed.value.states.at(-1)!.board, stone => '.XO'[stone]).join('')
  expect(position).toBe(game.positions[5])
  expect((await fetch(`${relay.url}/api/v1/archive`)).status).toBe(401)

  const page = await black.page.context().newPage()
  await page.goto(`${relay.url}/dashboard`)
  await page.getByLabel('Admin token').fill(await relay.adminToken())
  await page.getByRole('button', { name: 'Open the dashboard' }).click()
  const games = page.getByTestId('list-games')
  await expect(games).toContainText('Honoka – Anonymous')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    games.getByRole('link', { name: /SGF$/ }).click(),
  ])
  expect(await readFile(await download.path(), 'utf8')).toBe(sgf)
  await games.getByRole('button', { name: /^Remove/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(games).toContainText('No game was published.')
  expect(await relay.metric('tsugi_archive_games')).toBe(0)
})
