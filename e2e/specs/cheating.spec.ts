import { randomBytes } from 'node:crypto'

import { parseVertex } from '@tsugi/go'

import { expect, test } from '../harness/fixtures.ts'
import { NodePlayer } from '../harness/node-player.ts'
import { type Player } from '../harness/player.ts'

const app = 'tsugi-go'
const at = (point: string): number => parseVertex(point, 9)!

/** How many messages and records of others the page has refused. */
function refused(player: Player): Promise<number> {
  return player.page.getByTestId('phase').getAttribute('data-refused').then(Number)
}

test('D1: a cheating opponent changes nothing: illegal, out of turn, forged, replayed and oversized records are refused and counted', async ({
  relay,
  arrive,
}) => {
  const black = await arrive('Honoka')
  const link = await black.createGame(relay.url, { color: 'Black' })
  await using cheat = await NodePlayer.open(link, app)
  await cheat.until(view => view.phase === 'waiting')
  expect((await cheat.session.act({ type: 'sit', name: 'Cheat' })).ok).toBe(true)
  await black.expectPhase('playing')
  await black.play('E5')
  await cheat.until(view => view.ply === 1)
  const honest = await black.position()

  const tricks: Record<string, () => Promise<void>> = {
    'a stone on a stone': () =>
      cheat.publish({ t: 'records', records: [cheat.forge({ kind: 'move', body: { move: at('E5') } })] }),
    'a point outside the board': () =>
      cheat.publish({ t: 'records', records: [cheat.forge({ kind: 'move', body: { move: 81 } })] }),
    'a move that is no number': () =>
      cheat.publish({ t: 'records', records: [cheat.forge({ kind: 'move', body: { move: '<b>E4</b>' } })] }),
    'a record signed with another key': () =>
      cheat.publish({
        t: 'records',
        records: [cheat.forge({ kind: 'move', body: { move: at('C3') } }, {}, new Uint8Array(randomBytes(32)))],
      }),
    'a record in the other’s name': () => {
      const bytes = cheat.forge({ kind: 'move', body: { move: at('C3') } })
      // The last byte belongs to the signature's map entry or to the author's key: either way it no longer verifies.
      bytes[bytes.length - 1]! ^= 1
      return cheat.publish({ t: 'records', records: [bytes] })
    },
    'a record with a height that leaves a gap': () =>
      cheat.publish({
        t: 'records',
        records: [cheat.forge({ kind: 'move', body: { move: at('C3') } }, { height: 40 })],
      }),
    'a record of another match': () =>
      cheat.publish({
        t: 'records',
        records: [cheat.forge({ kind: 'move', body: { move: at('C3') } }, { match: new Uint8Array(20) })],
      }),
    'a counter used before': () =>
      cheat.publish({
        t: 'records',
        records: [cheat.forge({ kind: 'move', body: { move: at('C3') } }, { counter: 1 })],
      }),
    'a record of five kilobytes': () => cheat.publish({ t: 'records', records: [new Uint8Array(4_096).fill(0xa1)] }),
    'bytes that are no message': () => cheat.publishBytes(new Uint8Array(randomBytes(200))),
    'sixty-four kilobytes of nothing': () => cheat.publishBytes(new Uint8Array(65_536)),
  }
  for (const [name, play] of Object.entries(tricks)) {
    const before = await refused(black)
    await test.step(name, async () => {
      await play()
      await expect.poll(() => refused(black), `${name} is counted`).toBeGreaterThan(before)
      expect(await black.position()).toBe(honest)
      await black.expectPly(1)
    })
  }

  // The game goes on as if nothing had been.
  expect((await cheat.session.act({ type: 'move', move: at('C3') })).ok).toBe(true)
  await black.expectPly(2)
  const afterMove = await black.position()
  const before = await refused(black)
  // Out of turn: it is Black's move now. And what was played once is not played twice.
  await cheat.publish({ t: 'records', records: [cheat.forge({ kind: 'move', body: { move: at('G7') } })] })
  await expect.poll(() => refused(black)).toBeGreaterThan(before)
  await cheat.publish({ t: 'records', records: [cheat.head.bytes] })
  await black.play('D4')
  await cheat.until(view => view.ply === 3)
  await black.expectPly(3)
  expect(await black.position()).not.toBe(afterMove)
  await expect(black.page.getByTestId('proofs')).toHaveCount(0)

  // Two moves signed for one place are proof: shown, and the game goes on by the rule.
  const [one, two] = [
    cheat.forge({ kind: 'move', body: { move: at('G3') } }),
    cheat.forge({ kind: 'move', body: { move: at('G4') } }),
  ]
  await cheat.publish({ t: 'records', records: [one, two] })
  await expect(black.page.getByTestId('proofs')).toBeVisible()
  await black.expectPly(4)
  await black.play('C7')
  await black.expectPly(5)
})

test('whoever holds only the watch link cannot sit down', async ({ relay, arrive }) => {
  const black = await arrive('Honoka')
  await black.createGame(relay.url, { color: 'Black' })
  const watcher = await arrive('Ayumi')
  await watcher.open(await black.watchLink())
  await watcher.expectPly(0)
  await expect(watcher.page.getByLabel('Coordinate')).toHaveCount(0)
  await expect(black.page.getByTestId('peers')).toHaveAttribute('data-watchers', '1')
  await black.expectPhase('waiting')
})
