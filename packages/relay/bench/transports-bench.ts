/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm bench:transports`: one relay, reached by WebSocket, WebRTC-direct and WebTransport in turns in one run, and go-libp2p's relay beside it, by those of them that
// it has; prints Markdown for docs/benchmarks.md.
// `--quick` for a look, `--rounds 5`. With root and nft the same again in a network namespace of its own that loses 1 % of all packets.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

import { buildGo } from '../../../e2e/interop/toolchains.ts'
import { nodeOnNewerLibc } from '../../../scripts/newer-libc.mjs'
import type { BenchRelay, BenchTransport } from './bench-relay.ts'
import { machineLine, percentile } from './figures.ts'
import { GoRelay } from './go-relay.ts'
import { MeasuredRelay } from './measured-relay.ts'
import { RelayedPair } from './relayed-pair.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    /** Set by the command itself, inside the namespace. */
    lossy: { type: 'boolean', default: false },
    /** The program of go's relay, where it is built already; empty for none. */
    go: { type: 'string' },
  },
})
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
const amounts = values.quick
  ? { joins: 8, pings: 200, bulkBytes: 8 * 2 ** 20 }
  : { joins: 20, pings: 600, bulkBytes: 32 * 2 ** 20 }

const joinAttempts = 5
const found = nodeOnNewerLibc()
const node = 'node' in found ? found.node : undefined
if ('reason' in found) console.log(`WebTransport is left out: ${found.reason}.`)

const go = values.go ?? programOfGo()

function programOfGo(): string {
  if (process.platform !== 'linux') return leftOut('its memory is read from /proc')
  const built = buildGo()
  return 'reason' in built ? leftOut(built.reason) : built.program
}

function leftOut(reason: string): '' {
  console.log(`Go’s relay is left out: ${reason}.`)
  return ''
}

/** A relay, and a way to it. */
interface Way {
  readonly name: string
  readonly transport: BenchTransport
  readonly start: () => Promise<BenchRelay>
}
const ours: readonly Way[] = (['websocket', 'webrtc-direct', 'webtransport'] as const).map(transport => ({
  name: transport,
  transport,
  start: () => MeasuredRelay.start('own', Number.POSITIVE_INFINITY, node),
}))
const gos: readonly Way[] = (['websocket', 'webtransport'] as const).map(transport => ({
  name: `go’s relay, ${transport}`,
  transport,
  start: () => GoRelay.start(go),
}))
const ways = go === '' ? ours : [...ours, ...gos]

/** Samples by what was measured and by way. */
const samples = new Map<string, Map<Way, number[]>>()
function note(what: string, way: Way, value: number): void {
  const row = samples.get(what) ?? new Map<Way, number[]>()
  samples.set(what, row)
  row.set(way, [...(row.get(way) ?? []), value])
}

async function measure(relay: BenchRelay, way: Way): Promise<void> {
  const address = relay.addressOf(way.transport)
  if (address === '') return
  const joins: number[] = []
  const before = { cpu: await relay.cpuMs(), holding: await relay.holding() }
  const pairs: RelayedPair[] = []
  for (let count = 0; count < amounts.joins; count += 1) {
    const begun = performance.now()
    pairs.push(await joinPatiently(address, way))
    joins.push(performance.now() - begun)
  }
  const cpuMs = (await relay.cpuMs()) - before.cpu
  const { rssBytes } = await relay.holding()
  // Each pair is two peers, one after the other.
  note('two joins with reservation, p50, ms', way, percentile(joins, 0.5))
  note('relay CPU of a join, ms', way, cpuMs / amounts.joins / 2)
  note('relay RSS of a peer, KB', way, (rssBytes - before.holding.rssBytes) / amounts.joins / 2 / 1_000)
  const [pair, ...others] = pairs
  await Promise.all(others.map(each => each.close()))
  if (pair === undefined) return
  await pair.open()
  await pair.pings(50)
  const idle = await pair.pings(amounts.pings)
  note('round trip idle p50, ms', way, percentile(idle, 0.5))
  note('round trip idle p99, ms', way, percentile(idle, 0.99))
  const cpuBefore = await relay.cpuMs()
  const seconds = await pair.bulk(amounts.bulkBytes)
  note('bulk, MB/s', way, amounts.bulkBytes / 1e6 / seconds)
  note('relay CPU, s per GB', way, ((await relay.cpuMs()) - cpuBefore) / 1_000 / (amounts.bulkBytes / 1e9))
  const stop = pair.flow(amounts.bulkBytes / seconds / 4)
  const loaded = await pair.pings(amounts.pings)
  await stop()
  note('round trip at quarter load p99, ms', way, percentile(loaded, 0.99))
  await pair.close()
}

/** A join that fails, as some do where packets are lost, is tried again; its time counts. */
async function joinPatiently(address: string, way: Way): Promise<RelayedPair> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await RelayedPair.join(address, way.transport)
    } catch (error) {
      note('joins that failed', way, 1)
      if (attempt === joinAttempts) throw error
    }
  }
}

async function run(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      process.stderr.write(`${way.name}, round ${round + 1} of ${rounds}\n`)
      // A relay for each turn: what one transport left behind is not another's.
      await using relay = await way.start()
      await measure(relay, way)
    }
  }
}

function table(): string {
  const cell = (row: Map<Way, number[]>, way: Way): string => {
    const found = row.get(way)
    if (found === undefined) return '–'
    const [least, most] = [Math.min(...found), Math.max(...found)]
    const middle = percentile(found, 0.5)
    const base = percentile((ours[0] && row.get(ours[0])) ?? [], 0.5)
    const ratio = Number.isNaN(base) ? '' : `, ×${(middle / base).toFixed(2)}`
    return `${middle.toFixed(2)} (${least.toFixed(2)} – ${most.toFixed(2)})${ratio}`
  }
  const lines = [...samples].map(([what, row]) => `| ${what} | ${ways.map(each => cell(row, each)).join(' | ')} |`)
  const heads = `| what | ${ways.map(({ name }) => name).join(' | ')} |`
  return [heads, `| --- |${' --- |'.repeat(ways.length)}`, ...lines].join('\n')
}

/** The same in a namespace whose loopback loses packets. */
function runLossy(): void {
  const canLose = [
    ['unshare', '--net', 'true'],
    ['nft', '--version'],
    ['ip', '-V'],
  ].every(([program = '', ...words]) => spawnSync(program, words).status === 0)
  if (!canLose) {
    console.log('The run with loss is skipped: it needs root, unshare, ip and nft.')
    return
  }
  const rules =
    'add table inet loss; add chain inet loss in { type filter hook input priority 0; }; add rule inet loss in numgen random mod 100 < 1 drop'
  const script = `ip link set lo up && nft '${rules}' && exec "$0" "$@"`
  const words = [
    ...process.execArgv,
    process.argv[1] ?? '',
    '--lossy',
    '--go',
    go,
    ...(values.quick ? ['--quick'] : []),
    '--rounds',
    '1',
  ]
  const program = node ?? process.execPath
  const { status, stdout } = spawnSync('unshare', ['--net', 'sh', '-c', script, program, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  console.log(stdout)
  if (status !== 0) process.exitCode = 1
}

await run()
if (values.lossy) {
  console.log(`With 1 % of all packets lost:\n\n${table()}`)
} else {
  console.log(
    `${machineLine()}\nRelay and peers share it; all traffic is loopback. ${rounds} rounds; the median, least and most, and the ratio to WebSocket.\n\n${table()}\n`,
  )
  runLossy()
}
process.exit()
