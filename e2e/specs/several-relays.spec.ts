import { withoutUdp } from '../harness/browsers.ts'
import { expect, test as base } from '../harness/fixtures.ts'
import { type Player, playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'
import { RelayProcess } from '../harness/relay-process.ts'

const game = readRealGame('nine-by-nine')

/** Two relay processes that have met. */
const test = base.extend<{ relays: readonly [RelayProcess, RelayProcess]; first: readonly string[] }>({
  first: [[], { option: true }],
  relays: async ({ first }, use, testInfo) => {
    const a = await RelayProcess.start('--discover', 'on', ...first)
    const b = await RelayProcess.start('--relays', a.url)
    for (const relay of [a, b]) await expect.poll(() => relay.metric('tsugi_relays_connected')).toBe(1)
    await use([a, b])
    for (const [index, relay] of [a, b].entries()) {
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach(`relay-${index}.log`, { body: relay.log })
      await relay.dispose()
    }
  },
})

const isAt = (relay: RelayProcess, peers: number): Promise<void> =>
  expect.poll(async () => (await relay.health()).relay.reservations, `slots at ${relay.url}`).toBe(peers)

/** Black loads the page from one relay, White from the other; neither has any other line than the relays. */
async function sitDown(
  arrive: (name: string, options: { args: readonly string[] }) => Promise<Player>,
  [a, b]: readonly [RelayProcess, RelayProcess],
): Promise<[Player, Player]> {
  const black = await arrive('Honoka', { args: withoutUdp })
  const white = await arrive('Shun', { args: withoutUdp })
  const link = await black.createGame(a.url, { color: 'Black' })
  await white.open(link.replace(a.url, b.url))
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  return [black, white]
}

test('B10: players on two relays hold slots on both, and play on when one is killed, and when that one is back and the other gone', async ({
  relays,
  arrive,
}) => {
  const [a, b] = relays
  const [black, white] = await sitDown(arrive, relays)
  await playOn(game, { from: 0, to: 4 }, black, white)
  for (const relay of relays) await isAt(relay, 2)
  await a.kill()
  await playOn(game, { from: 4, to: 8 }, black, white)
  await a.restart()
  await isAt(a, 2)
  await b.kill()
  await playOn(game, { from: 8, to: 12 }, black, white)
})

test('B10: a relay that ends in order is left before it does; the game goes on', async ({ relays, arrive }) => {
  const [a] = relays
  const [black, white] = await sitDown(arrive, relays)
  await playOn(game, { from: 0, to: 4 }, black, white)
  const ended = a.stop()
  await playOn(game, { from: 4, to: 10 }, black, white)
  expect(await ended).toBe(0)
  await playOn(game, { from: 10, to: 14 }, black, white)
})

test('B10: a relay that is frozen holds nobody up', async ({ relays, arrive }) => {
  const [a] = relays
  const [black, white] = await sitDown(arrive, relays)
  await playOn(game, { from: 0, to: 4 }, black, white)
  for (const relay of relays) await isAt(relay, 2)
  process.kill(a.pid, 'SIGSTOP')
  try {
    await playOn(game, { from: 4, to: 10 }, black, white)
  } finally {
    process.kill(a.pid, 'SIGCONT')
  }
  await playOn(game, { from: 10, to: 12 }, black, white)
})

test('B10 C10: a third relay takes the place of a frozen one, whose line still stands', async ({ relays, arrive }) => {
  const [a, b] = relays
  const c = await RelayProcess.start('--relays', a.url)
  try {
    for (const relay of [a, b]) await expect.poll(() => relay.metric('tsugi_relays_connected')).toBe(2)
    const [black, white] = await sitDown(arrive, relays)
    await playOn(game, { from: 0, to: 4 }, black, white)
    const all = [a, b, c]
    const slots = async (): Promise<number[]> =>
      Promise.all(all.map(async each => (await each.health()).relay.reservations))
    const sum = async (): Promise<number> => (await slots()).reduce((one, other) => one + other, 0)
    await expect.poll(sum, 'two slots each').toBe(4)
    const frozen = all[(await slots()).findIndex(held => held > 0)] ?? a
    process.kill(frozen.pid, 'SIGSTOP')
    try {
      for (const relay of all.filter(each => each !== frozen)) await isAt(relay, 2)
      await playOn(game, { from: 4, to: 8 }, black, white)
    } finally {
      process.kill(frozen.pid, 'SIGCONT')
    }
    await expect.poll(sum, 'one that answers again is one too many, or has a slot again').toBeGreaterThanOrEqual(4)
    await playOn(game, { from: 8, to: 10 }, black, white)
  } finally {
    await c.dispose()
  }
})

test.describe('a relay without room', () => {
  test.use({ first: ['--max-reservations', '0'] })

  test('B9: serves the page, and sends its players to the other one', async ({ relays, arrive }) => {
    const [a, b] = relays
    const black = await arrive('Honoka')
    const white = await arrive('Shun')
    await white.open(await black.createGame(a.url, { color: 'Black' }))
    await black.expectPhase('playing')
    await isAt(b, 2)
    await playOn(game, { from: 0, to: 4 }, black, white)
    expect((await a.health()).relay.reservations).toBe(0)
  })
})
