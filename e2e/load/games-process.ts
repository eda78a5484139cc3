// Plays games between real peers in a process of its own: `games-process.ts <relay url> <games> <moves>`. It says `seated` when all sit, waits for
// a message, plays, says what came of it, and ends when its channel does.
import { once } from 'node:events'

import { parseVertex } from '@tsugi/go'

import { NodePlayer, createNodeGame } from '../harness/node-player.ts'
import { readRealGame } from '../harness/real-game.ts'
import { inTurns } from './in-turns.ts'

/** What came of the games. */
export interface GamesResult {
  readonly games: number
  readonly moves: number
  /** Games whose boards differ from each other or from the record. */
  readonly wrong: number
  /** From the intent to the far end's board. */
  readonly p50Ms: number
  readonly p99Ms: number
}

const [, , url = '', gameCount = '1', moveCount = '1'] = process.argv
const count = Number(gameCount)
const record = readRealGame('nine-by-nine')
const moves = record.moves.slice(0, Math.min(Number(moveCount), record.moves.length - 2))
const app = 'load'

interface Table {
  readonly black: NodePlayer
  readonly white: NodePlayer
}
const tables: Table[] = []
const times: number[] = []
let wrong = 0

async function seat(): Promise<void> {
  const game = createNodeGame(url, app)
  const peer = { app, relays: [url], slots: 1, webrtc: false }
  const black = await NodePlayer.start({ ...game, peer })
  const white = await NodePlayer.start({ link: game.link, peer })
  await white.until(view => view.head !== undefined && view.head !== null)
  const sat = await white.session.act({ type: 'sit', name: 'White' })
  if (!sat.ok) throw new Error(`White cannot sit: ${sat.code}`)
  await Promise.all([black, white].map(player => player.until(view => view.phase === 'playing')))
  tables.push({ black, white })
}

async function play({ black, white }: Table): Promise<void> {
  for (const [ply, text] of moves.entries()) {
    const [mover, other] = ply % 2 === 0 ? [black, white] : [white, black]
    const startedAt = performance.now()
    const acted = await mover.session.act(
      text === 'pass' ? { type: 'pass' } : { type: 'move', move: parseVertex(text, record.size) },
    )
    if (!acted.ok) throw new Error(`move ${ply + 1}, ${text}: ${acted.code}`)
    await other.until(view => view.ply === ply + 1)
    times.push(performance.now() - startedAt)
  }
  const boards = [black, white].map(({ session }) =>
    Array.from(session.view.state?.board ?? [], stone => '.XO'[stone]).join(''),
  )
  if (boards.some(board => board !== record.positions[moves.length - 1])) wrong += 1
}

const percentile = (share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0

await inTurns(count, 4, seat)
process.send?.('seated')
await once(process, 'message')
await Promise.all(tables.map(play))
process.send?.({
  games: tables.length,
  moves: times.length,
  wrong,
  p50Ms: percentile(0.5),
  p99Ms: percentile(0.99),
} satisfies GamesResult)
await once(process, 'message')
await Promise.all(tables.flatMap(({ black, white }) => [black, white]).map(player => player[Symbol.asyncDispose]()))
process.disconnect()
