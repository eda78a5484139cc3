// `pnpm soak --hours 8` (or `--minutes 2`): one relay, players in Node and two pages in Chromium, games one after another with spectators, reloads and people who
// leave and come back. Looks at every size again and again. Fails when a game is lost, when something is left behind, or when memory grows.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { systemBrowser } from '../../scripts/browsers.mjs'
import { RelayProcess } from '../harness/relay-process.ts'
import { PlayerHost, type ProcessSizes } from '../harness/remote-player.ts'
import { LastingPages } from './browser-games.ts'
import { playNodeGame } from './node-games.ts'
import { Samples, type Sizes } from './samples.ts'

const { values } = parseArgs({
  options: {
    hours: { type: 'string' },
    minutes: { type: 'string' },
    tables: { type: 'string', default: '4' },
    every: { type: 'string', default: '10' },
  },
})
const durationMs = Number(values.hours ?? 0) * 3_600_000 + Number(values.minutes ?? 0) * 60_000
if (!(durationMs > 0)) {
  console.error('How long? --hours 8, or --minutes 2.')
  process.exit(2)
}

/** Links, topics and records of those who left are let go by the relay and by libp2p within this time. */
const emptyDeadlineMs = 60_000
const startedAt = performance.now()
const elapsedMs = (): number => performance.now() - startedAt
const isTime = (): boolean => elapsedMs() >= durationMs
const problems: string[] = []
let nodeGames = 0
let pageGames = 0

process.exit(await main())

async function main(): Promise<number> {
  const relay = await RelayProcess.start()
  await using black = PlayerHost.start()
  await using white = PlayerHost.start()
  await using pages = systemBrowser('chromium') === undefined ? undefined : await LastingPages.open()
  if (pages === undefined) console.error('Without pages: there is no Chromium.')
  const samples = new Samples()
  const look = async (): Promise<Sizes> => {
    const [atRelay, inBlack, inWhite] = [await relaySizes(relay), await black.sizes(), await white.sizes()]
    return {
      ...atRelay,
      ...playerSizes(inBlack, inWhite),
      ...(pages && { 'pages: heap kB': kilobytes(await pages.heapBytes()) }),
    }
  }
  const looking = (async () => {
    while (!isTime()) {
      samples.add(elapsedMs(), await look())
      await Promise.race([sleep(Number(values.every) * 1_000), sleep(Math.max(0, durationMs - elapsedMs()))])
    }
  })()
  const tables = Array.from({ length: Number(values.tables) }, async (_, table) => {
    while (!isTime()) {
      const name = `game-${table}-${(nodeGames += 1)}`
      await playNodeGame(name, relay.url, [black, white]).catch((error: unknown) =>
        problems.push(`${name}: ${String(error)}`),
      )
    }
  })
  const inPages = (async () => {
    if (pages === undefined) return
    while (!isTime()) {
      pageGames += 1
      await pages.play(relay).catch((error: unknown) => problems.push(`page game ${pageGames}: ${String(error)}`))
    }
  })()
  await Promise.all([looking, inPages, ...tables])

  await pages?.[Symbol.asyncDispose]()
  problems.push(...(await leftovers(relay, [black, white])))
  problems.push(...samples.growths(['relay: RSS kB', 'players: heap kB', 'pages: heap kB'], durationMs))
  console.log(`${samples.table()}\n`)
  console.log(
    `${nodeGames} games of Node players and ${pageGames} in pages in ${(elapsedMs() / 60_000).toFixed(1)} min; ${problems.length === 0 ? 'nothing lost, nothing left, nothing grown' : `${problems.length} problems`}.`,
  )
  for (const problem of problems) console.log(problem)
  await relay.dispose()
  return problems.length === 0 ? 0 : 1
}

async function relaySizes(relay: RelayProcess): Promise<Sizes> {
  const { relay: counts, streams, memory, gossip_buffer } = await relay.health()
  return {
    'relay: RSS kB': kilobytes(memory.rss_bytes),
    'relay: peers': counts.peers,
    'relay: reservations': counts.reservations,
    'relay: circuits': counts.circuits,
    'relay: topics': streams.active,
    'relay: gossip buffer': gossip_buffer.entries,
  }
}

function playerSizes(...processes: readonly ProcessSizes[]): Sizes {
  const sum = (of: (sizes: ProcessSizes) => number): number => processes.reduce((total, sizes) => total + of(sizes), 0)
  return {
    'players: RSS kB': kilobytes(sum(({ rssBytes }) => rssBytes)),
    'players: heap kB': kilobytes(sum(({ heapBytes }) => heapBytes)),
    'players: here': sum(({ players }) => players),
    'players: timers and sockets': sum(({ resources }) => resources),
  }
}

/** What is still there when everybody has gone. */
async function leftovers(relay: RelayProcess, hosts: readonly PlayerHost[]): Promise<string[]> {
  const deadline = performance.now() + emptyDeadlineMs
  let left: string[] = []
  do {
    const sizes = { ...(await relaySizes(relay)), 'players: here': 0 }
    for (const host of hosts) sizes['players: here'] += (await host.sizes()).players
    left = Object.entries(sizes)
      .filter(([name, size]) => size > 0 && !name.includes('RSS'))
      .map(([name, size]) => `left behind: ${name} ${size}`)
    if (left.length > 0) await sleep(500)
  } while (left.length > 0 && performance.now() < deadline)
  return left
}

function kilobytes(bytes: number): number {
  return Math.round(bytes / 1_000)
}
