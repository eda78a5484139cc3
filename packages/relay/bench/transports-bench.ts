/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm bench:transports`: one relay, reached by WebSocket, WebRTC-direct and WebTransport in turns in one run; prints Markdown for docs/benchmarks.md.
// `--quick` for a look, `--rounds 5`. With root and nft the same again in a network namespace of its own that loses 1 % of all packets.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

import { nodeOnNewerLibc } from '../../../scripts/newer-libc.mjs'
import { machineLine, percentile } from './figures.ts'
import { MeasuredRelay } from './measured-relay.ts'
import { type BenchTransport, RelayedPair, benchTransports } from './relayed-pair.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    /** Set by the command itself, inside the namespace. */
    lossy: { type: 'boolean', default: false },
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

/** Samples by what was measured and by transport. */
const samples = new Map<string, Map<BenchTransport, number[]>>()
function note(what: string, transport: BenchTransport, value: number): void {
  const row = samples.get(what) ?? new Map<BenchTransport, number[]>()
  samples.set(what, row)
  row.set(transport, [...(row.get(transport) ?? []), value])
}

async function measure(relay: MeasuredRelay, transport: BenchTransport): Promise<void> {
  const address = RelayedPair.addressOf(relay.addresses, transport)
  if (address === '') return
  const joins: number[] = []
  const before = { cpu: await relay.cpuMs(), holding: await relay.holding() }
  const pairs: RelayedPair[] = []
  for (let count = 0; count < amounts.joins; count += 1) {
    const begun = performance.now()
    pairs.push(await joinPatiently(address, transport))
    joins.push(performance.now() - begun)
  }
  const cpuMs = (await relay.cpuMs()) - before.cpu
  const { rssBytes } = await relay.holding()
  // Each pair is two peers, one after the other.
  note('two joins with reservation, p50, ms', transport, percentile(joins, 0.5))
  note('relay CPU of a join, ms', transport, cpuMs / amounts.joins / 2)
  note('relay RSS of a peer, KB', transport, (rssBytes - before.holding.rssBytes) / amounts.joins / 2 / 1_000)
  const [pair, ...others] = pairs
  await Promise.all(others.map(each => each.close()))
  if (pair === undefined) return
  await pair.open()
  await pair.pings(50)
  const idle = await pair.pings(amounts.pings)
  note('round trip idle p50, ms', transport, percentile(idle, 0.5))
  note('round trip idle p99, ms', transport, percentile(idle, 0.99))
  const cpuBefore = await relay.cpuMs()
  const seconds = await pair.bulk(amounts.bulkBytes)
  note('bulk, MB/s', transport, amounts.bulkBytes / 1e6 / seconds)
  note('relay CPU, s per GB', transport, ((await relay.cpuMs()) - cpuBefore) / 1_000 / (amounts.bulkBytes / 1e9))
  const stop = pair.flow(amounts.bulkBytes / seconds / 4)
  const loaded = await pair.pings(amounts.pings)
  await stop()
  note('round trip at quarter load p99, ms', transport, percentile(loaded, 0.99))
  await pair.close()
}

/** A join that fails, as some do where packets are lost, is tried again; its time counts. */
async function joinPatiently(address: string, transport: BenchTransport): Promise<RelayedPair> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await RelayedPair.join(address, transport)
    } catch (error) {
      note('joins that failed', transport, 1)
      if (attempt === joinAttempts) throw error
    }
  }
}

async function run(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const transport of round % 2 === 0 ? benchTransports : benchTransports.toReversed()) {
      process.stderr.write(`${transport}, round ${round + 1} of ${rounds}\n`)
      // A relay for each turn: what one transport left behind is not another's.
      await using relay = await MeasuredRelay.start('own', Number.POSITIVE_INFINITY, node)
      await measure(relay, transport)
    }
  }
}

function table(): string {
  const cell = (row: Map<BenchTransport, number[]>, transport: BenchTransport): string => {
    const found = row.get(transport)
    if (found === undefined) return '–'
    const [least, most] = [Math.min(...found), Math.max(...found)]
    const middle = percentile(found, 0.5)
    const base = percentile(row.get('websocket') ?? [], 0.5)
    return `${middle.toFixed(2)} (${least.toFixed(2)} – ${most.toFixed(2)}), ×${(middle / base).toFixed(2)}`
  }
  const lines = [...samples].map(
    ([what, row]) => `| ${what} | ${benchTransports.map(each => cell(row, each)).join(' | ')} |`,
  )
  return [`| what | ${benchTransports.join(' | ')} |`, '| --- | --- | --- | --- |', ...lines].join('\n')
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
