// `pnpm load`: one relay process under everything at once: a thousand peers, a hundred games whose every move is checked at the far end, 10 MB/s through circuits,
// bursts, and thousands of peers that come and go. Nothing may be lost, every table must be back at its start, and memory must stay flat.
// `--short` has all of it in small; `--peers`, `--games`, `--churn` change one number. Needs `pnpm build`; says what it did, and ends with 1 when something was not as it must be.
import { parseArgs } from 'node:util'

import { RelayProcess } from '../harness/relay-process.ts'
import { Crowd } from './crowd.ts'
import { Games } from './games.ts'
import { readGauges, readRefusals, waitForGauges } from './gauges.ts'
import { longLoad, shortLoad } from './load-size.ts'
import { Traffic, type TrafficResult } from './traffic.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    peers: { type: 'string' },
    games: { type: 'string' },
    churn: { type: 'string' },
  },
})
const chosen = values.short ? shortLoad : longLoad
const size = {
  ...chosen,
  peers: Number(values.peers ?? chosen.peers),
  games: Number(values.games ?? chosen.games),
  churn: Number(values.churn ?? chosen.churn),
}
/** How much of the memory after the second wave may come on top until the last. */
const maxGrowth = 1.15
const maxGrowthBytes = 10_000_000
/** The sweep of circuits runs every 10 s, the guard's relaxing takes some of its turns. */
const settleMs = 60_000

const startedAt = performance.now()
const failures: string[] = []
function say(what: string): void {
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${what}`)
}
function must(holds: boolean, what: string): void {
  if (holds) return
  failures.push(what)
  say(`FAILED: ${what}`)
}

const deadline = setTimeout(() => {
  say(`FAILED: not over after ${size.deadlineMs / 1_000} s`)
  process.exit(1)
}, size.deadlineMs)

// Everybody comes from one address, and sends as much as the load asks for.
const unlimited = ['address-peers', 'address-joins', 'peer-bandwidth', 'max-bandwidth', 'circuit-data']
const relay = await RelayProcess.start(...unlimited.flatMap(name => [`--${name}`, 'off']))
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
const rssBytes = (): Promise<number> => relay.metric('process_resident_memory_bytes')
const cpuSeconds = (): Promise<number> => relay.metric('process_cpu_seconds_total')

function checkTraffic(name: string, { sent, received, wrong, elapsedMs }: TrafficResult): void {
  const rate = megabytes((received / elapsedMs) * 1_000)
  say(`${name}: ${megabytes(sent)} sent, ${megabytes(received)} arrived, ${rate} a second`)
  must(received === sent && wrong === 0, `${name}: ${sent - received} bytes lost, ${wrong} wrong`)
}

try {
  const crowd = new Crowd(relay.url)
  // The first guests make it write down what it is itself.
  await crowd.churn(2)
  while ((await relay.metric('tsugi_connections')) > 0) await new Promise(resolve => setTimeout(resolve, 100))
  const start = await readGauges(relay.url)
  say(`a relay of ${megabytes(await rssBytes())}; tables watched: ${start.size}`)

  await using games = await Games.seat(relay.url, size.games, size.moves)
  say(`${size.games} games, ${size.games * 2} players seated`)
  const cpuBefore = await cpuSeconds()
  const idle = Math.max(0, size.peers - size.games * 2 - size.pairs * 2)
  await crowd.join(idle)
  const traffic = await Traffic.open(relay.url, size.pairs)
  const connected = await relay.metric('tsugi_peers')
  must(connected === size.peers, `${connected} of ${size.peers} peers are connected`)
  const joinMs = (((await cpuSeconds()) - cpuBefore) / Math.max(1, idle)) * 1_000
  say(`${connected} peers, ${megabytes(await rssBytes())}; relay CPU for each that joined ${joinMs.toFixed(1)} ms`)

  // Games, traffic and churn together.
  const [played, flow] = await Promise.all([
    games.play(),
    traffic.flow(size.bytesPerSecond, size.trafficMs),
    crowd.churn(Math.floor(size.churn / 10)),
  ])
  say(
    `${played.games} games of ${played.moves / played.games} moves at once; a move took ${played.p50Ms.toFixed(0)} ms (p99 ${played.p99Ms.toFixed(0)} ms)`,
  )
  must(played.wrong === 0, `${played.wrong} games ended with another board`)
  must(played.moves === size.games * size.moves, `${played.moves} of ${size.games * size.moves} moves arrived`)
  checkTraffic('meanwhile', flow)
  for (let burst = 1; burst <= size.bursts; burst += 1) {
    checkTraffic(`burst ${burst}`, await traffic.burst(size.burstBytes))
  }

  const waves: number[] = []
  for (let wave = 1; wave <= size.waves; wave += 1) {
    await crowd.churn(Math.floor(size.churn / size.waves))
    waves.push(await rssBytes())
  }
  const heap = await relay.metric('nodejs_heap_size_used_bytes')
  say(
    `${size.churn} peers came and went in ${size.waves} waves; memory after each: ${waves.map(megabytes).join(', ')}; heap ${megabytes(heap)}`,
  )
  const [, second = 0] = waves
  const last = waves.at(-1) ?? 0
  must(last <= second * maxGrowth + maxGrowthBytes, `memory grew from ${megabytes(second)} to ${megabytes(last)}`)

  must(crowd.lost === 0, `${crowd.lost} idle peers lost their connection`)
  const refused = await readRefusals(relay.url)
  if (refused.length > 0) say(`turned away, and tried again where it matters: ${refused.join(', ')}`)
  const atTheDoor = refused.filter(each => /^\d+ (address|relay|memory|peer\/connections|message\/rate)/.test(each))
  must(atTheDoor.length === 0, `guests were turned away: ${atTheDoor.join(', ')}`)
  await Promise.all([crowd.leave(), traffic.close(), games.leave()])
  const left = await waitForGauges(relay.url, start, settleMs)
  must(left.length === 0, `tables are not back at their start: ${left.join('; ')}`)
  say(
    `everybody has left; tables are ${left.length === 0 ? 'as at the start' : 'not empty'}; ${megabytes(await rssBytes())}`,
  )
} catch (error) {
  must(false, error instanceof Error ? (error.stack ?? error.message) : String(error))
  say(`the relay’s last words:\n${relay.log.split('\n').slice(-20).join('\n')}`)
} finally {
  await relay.dispose()
  clearTimeout(deadline)
}
say(failures.length === 0 ? 'all is well' : `${failures.length} things are not as they must be`)
process.exit(failures.length === 0 ? 0 : 1)
