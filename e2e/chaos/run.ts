// `pnpm chaos`: twenty games through everything that can go wrong with relays, lines, processes and clocks. Each game must end with equal boards, and every
// move in it once; and some pairs hold a stream with running numbers, none of which may be lost, doubled or out of order. In the NAT lab with root, else on loopback with what is possible there. `--short` for CI; `--games`, `--only <part of a fault's name>`.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { installNetworkTools, whyNoNetworks } from '../../scripts/network-tools.mjs'
import type { SiteKind } from '../lab/site-kinds.ts'
import { CountedStream } from './counted-stream.ts'
import { type Fault, faults } from './faults.ts'
import { RunningGame } from './games.ts'
import { World } from './world.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    loopback: { type: 'boolean', default: false },
    games: { type: 'string', default: '20' },
    only: { type: 'string' },
  },
})

/** Behind these the players sit: lines that become direct, and lines that cannot. */
const homeKinds: readonly SiteKind[] = ['restricted', 'symmetric', 'restricted', 'cone', 'symmetric', 'no-udp']
/** After a fault every game must move on within this time: the longest wait between attempts, and one attempt. */
const recoveryDeadlineMs = 90_000
const endDeadlineMs = 180_000
const gameLength = 162
/** A game that waits for so long, beside what its players think, stands still. */
const stillMs = 5_000
/** Every so many games have a stream beside them: of the lines that become direct, and of those that cannot. */
const everyStream = 6
/** A stream waits for a minute, and its two ends notice at different times that a line is dead. */
const longForStreamSeconds = 40

interface Outcome {
  readonly fault: Fault
  /** Games that did not move for 5 s longer than their players think, while it lasted. */
  readonly stalled: number
  /** From its end until the last game had moved on by two plies. */
  readonly recoveredMs: number | undefined
  /** From its end until more had come over each stream, both ways. */
  readonly streamedMs: number | undefined
  /** From its end until every player held a slot on both relays again. */
  readonly calmMs: number | undefined
  /** The longest pause of a game from its beginning until then. */
  readonly longestPauseMs: number
}

await installNetworkTools()
const reason = values.loopback ? 'asked for' : whyNoNetworks()
if (reason !== undefined) console.error(`On loopback, without cut lines: ${reason}.`)
process.exit(await main(reason === undefined))

async function main(isLab: boolean): Promise<number> {
  const startedAt = performance.now()
  await using world = await World.create(homeKinds, isLab)
  const chosen = faults.filter(
    ({ name, isShort, needsLines }) =>
      (isShort || !values.short) &&
      (world.hasLines || !needsLines) &&
      (values.only === undefined || name.includes(values.only)),
  )
  const games = await startGames(world, Number(values.games))
  // The games last as long as the faults do.
  const expectedMs = chosen.reduce((sum, { seconds }) => sum + seconds * 1_000 + 15_000, 30_000)
  const thinkMs = Math.max(300, Math.round(expectedMs / gameLength))
  await Promise.all(games.map(game => game.play(thinkMs)))
  await progressOf(games, 2)
  await calm(games)
  const streams = await Promise.all(
    games.filter((_, index) => index % everyStream === 0).map(game => CountedStream.start(game)),
  )
  await streamed(streams)
  const outcomes: Outcome[] = []
  for (const fault of chosen) outcomes.push(await suffer(world, games, streams, fault))
  for (const stream of streams) await Promise.race([stream.stop(), sleep(endDeadlineMs)])

  await Promise.all(games.map(game => game.play(0)))
  const deadline = performance.now() + endDeadlineMs
  while (!games.every(({ isOver }) => isOver) && performance.now() < deadline) await sleep(100)
  // What the watchers lack comes with the next exchange of heads.
  while (games.some(game => game.verify().length > 0) && performance.now() < deadline) await sleep(100)
  console.log(table(outcomes))
  const mayEnd = chosen.some(({ seconds }) => seconds > longForStreamSeconds)
  const wrongs = [...games.flatMap(game => game.verify()), ...streams.flatMap(stream => stream.verify(mayEnd))]
  const late = outcomes.filter(({ recoveredMs, streamedMs }) => recoveredMs === undefined || streamedMs === undefined)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
  console.log(
    `${games.length} games, ${games.filter(game => game.verify().length === 0).length} ended with equal boards and every move once; ${seconds} s.`,
  )
  for (const stream of streams) console.log(stream.tale)
  for (const wrong of wrongs) console.log(wrong)
  for (const { fault } of late)
    console.log(`Not every game and stream moved on within ${recoveryDeadlineMs / 1_000} s of this: ${fault.name}`)
  return wrongs.length === 0 && late.length === 0 ? 0 : 1
}

async function startGames(world: World, count: number): Promise<RunningGame[]> {
  const { homes } = world
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const black = homes[index % homes.length]!
      const white = homes[(index + 1 + Math.floor(index / homes.length)) % homes.length]!
      return RunningGame.start(`game-${index + 1}`, world, [black, white], index % 5 === 0)
    }),
  )
}

async function suffer(
  world: World,
  games: readonly RunningGame[],
  streams: readonly CountedStream[],
  fault: Fault,
): Promise<Outcome> {
  console.error(`${fault.name} (${fault.seconds} s)`)
  const ways = games.map(game => game.describeWays())
  const begunAt = performance.now()
  await fault.begin(world)
  await sleep(fault.seconds * 1_000)
  await fault.end(world)
  const endedAt = performance.now()
  const streaming = streamed(streams).then(done => (done ? performance.now() - endedAt : undefined))
  const hasRecovered = await progressOf(games, 2)
  const doneAt = performance.now()
  const streamedMs = await streaming
  const pauses = games.map(game => longestPause(game, begunAt, doneAt))
  const stalled = games.filter(game => longestPause(game, begunAt, endedAt) > game.thinkMs + stillMs).length
  const recoveredMs = hasRecovered ? doneAt - endedAt : undefined
  console.error(
    `  ${stalled} stalled; ${recoveredMs === undefined ? 'NOT ALL RECOVERED' : `all moved on after ${(recoveredMs / 1_000).toFixed(1)} s`}`,
  )
  if (streamedMs === undefined) {
    for (const { name, counted, routes } of streams) console.error(`  ${name}: ${counted} (${routes})`)
  }
  if (!hasRecovered) {
    for (const game of games.filter(({ ply, isOver }) => !isOver && ply < gameLength)) {
      const plies = game.players.map(({ view, slots }) => `${view?.phase} at ${view?.ply}, ${slots} slots`)
      console.error(`  ${game.name} (${game.homes.map(({ name }) => name).join(', ')}): ${plies.join('; ')}`)
    }
  }
  for (const [index, game] of games.entries()) {
    if (pauses[index]! <= game.thinkMs + stillMs) continue
    console.error(`  ${game.name} stood still for ${(pauses[index]! / 1_000).toFixed(1)} s: ${ways[index]}`)
  }
  const isCalm = await calm(games)
  return {
    fault,
    stalled,
    recoveredMs,
    streamedMs,
    calmMs: isCalm ? performance.now() - endedAt : undefined,
    longestPauseMs: Math.max(...pauses),
  }
}

/** Resolves when every player holds a slot on both relays: the next fault is not to meet what the last one left. */
async function calm(games: readonly RunningGame[]): Promise<boolean> {
  const players = games.flatMap(game => game.players)
  const deadline = performance.now() + recoveryDeadlineMs
  while (performance.now() < deadline) {
    if (players.every(({ slots }) => slots >= 2)) return true
    await sleep(50)
  }
  return false
}

/** Resolves when every game has moved on by so many plies, or is over; `false` when the deadline came first. */
async function progressOf(games: readonly RunningGame[], plies: number): Promise<boolean> {
  const wanted = games.map(game => game.ply + plies)
  const deadline = performance.now() + recoveryDeadlineMs
  while (performance.now() < deadline) {
    if (games.every((game, index) => game.ply >= wanted[index]! || game.isOver || game.ply >= gameLength)) return true
    await sleep(50)
  }
  return false
}

/** Resolves when more has come over every stream, both ways; `false` when the deadline came first. */
async function streamed(streams: readonly CountedStream[]): Promise<boolean> {
  const before = streams.map(({ counted }) => counted)
  const deadline = performance.now() + recoveryDeadlineMs
  while (performance.now() < deadline) {
    if (streams.every(({ counted }, index) => counted > before[index]!)) return true
    await sleep(50)
  }
  return false
}

function longestPause({ progress }: RunningGame, from: number, to: number): number {
  const within = progress.filter(at => at > from && at < to)
  const before = progress.findLast(at => at <= from) ?? from
  // A game that has come to its length waits for nothing.
  const times = [Math.max(before, from - 1_000), ...within, ...(progress.length < gameLength ? [to] : [])]
  return Math.max(0, ...times.slice(1).map((at, index) => at - times[index]!))
}

function table(outcomes: readonly Outcome[]): string {
  const seconds = (ms: number | undefined): string => (ms === undefined ? '**never**' : `${(ms / 1_000).toFixed(1)} s`)
  const rows = outcomes.map(
    ({ fault, stalled, recoveredMs, streamedMs, calmMs, longestPauseMs }) =>
      `| ${fault.name} | ${fault.seconds} s | ${stalled} | ${seconds(longestPauseMs)} | ${seconds(recoveredMs)} | ${seconds(streamedMs)} | ${seconds(calmMs)} |`,
  )
  return [
    '| fault | lasts | games that stood still | longest pause of a game | all moved on after its end | streams did | all on two relays |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
