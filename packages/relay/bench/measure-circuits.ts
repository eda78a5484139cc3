import { CircuitLine } from './circuit-line.ts'
import { Echo } from './echo.ts'
import { type Figures, percentile } from './figures.ts'
import { MeasuredRelay, type RelayKind } from './measured-relay.ts'

const smallBytes = 200

/** How much is sent in one round. */
export interface CircuitAmounts {
  readonly bulkBytes: number
  readonly messages: number
  readonly pings: number
}

/** A relay with a circuit through it, for several rounds. */
export interface CircuitBench {
  readonly relay: MeasuredRelay
  readonly line: CircuitLine
  readonly beside: CircuitLine
  readonly echo: Echo
}

export async function openCircuits(kind: RelayKind): Promise<CircuitBench> {
  const relay = await MeasuredRelay.start(kind)
  const { webSocket } = relay.addresses
  return {
    relay,
    line: await CircuitLine.open(webSocket),
    beside: await CircuitLine.open(webSocket),
    echo: await Echo.start(),
  }
}

/** Round trips through the relay, and between them as many that only this driver and the machine have a part in. */
async function pingTimes(
  { line, echo }: CircuitBench,
  pings: number,
): Promise<{ relayed: number[]; echoed: number[] }> {
  const relayed: number[] = []
  const echoed: number[] = []
  for (let turn = 0; turn < pings; turn += 1) {
    relayed.push(await line.roundTrip())
    echoed.push(await echo.roundTrip())
  }
  return { relayed, echoed }
}

async function cost(bench: CircuitBench, work: () => Promise<void>): Promise<{ ms: number; cpuSeconds: number }> {
  const before = await bench.relay.cpuMs()
  const startedAt = performance.now()
  await work()
  const ms = performance.now() - startedAt
  return { ms, cpuSeconds: ((await bench.relay.cpuMs()) - before) / 1_000 }
}

/** Bulk, small messages, and round trips idle and at half load. The first round warms up and is not noted. */
export async function measureCircuits(
  figures: Figures,
  bench: CircuitBench,
  { bulkBytes, messages, pings }: CircuitAmounts,
  halfLoadBytesPerSecond: number | undefined,
): Promise<{ bulkBytesPerSecond: number }> {
  const { kind } = bench.relay
  const bulk = await cost(bench, () => bench.line.transfer(65_536, bulkBytes))
  const small = await cost(bench, () => bench.line.transfer(smallBytes, messages * smallBytes))
  const { relayed: idle } = await pingTimes(bench, pings)
  const bulkBytesPerSecond = bulkBytes / (bulk.ms / 1_000)
  if (halfLoadBytesPerSecond === undefined) return { bulkBytesPerSecond }
  const stop = bench.beside.flow(halfLoadBytesPerSecond)
  const { relayed: loaded, echoed } = await pingTimes(bench, pings)
  await stop()
  figures.add('bulk through one circuit, MB/s', kind, bulkBytesPerSecond / 1e6)
  figures.add('relay CPU, s per GB', kind, bulk.cpuSeconds / (bulkBytes / 1e9))
  figures.add(`relay CPU, s per million messages of ${smallBytes} B`, kind, small.cpuSeconds / (messages / 1e6))
  figures.add('round trip idle, p50, ms', kind, percentile(idle, 0.5))
  figures.add('round trip idle, p99, ms', kind, percentile(idle, 0.99))
  figures.add('round trip at half load, p50, ms', kind, percentile(loaded, 0.5))
  figures.add('round trip at half load, p99, ms', kind, percentile(loaded, 0.99))
  figures.add('the same without a relay (echo) at half load, p99, ms', kind, percentile(echoed, 0.99))
  const added = percentile(loaded, 0.99) - percentile(idle, 0.99)
  figures.add('added by half load, p99, ms', kind, added)
  figures.add('added by half load beyond the echo, p99, ms', kind, percentile(loaded, 0.99) - percentile(echoed, 0.99))
  return { bulkBytesPerSecond }
}

/** What a relay holds for a receiver that does not read, while its sender sends all it can. */
export async function measureStuckReceiver(figures: Figures, kind: RelayKind, bytes: number): Promise<void> {
  await using relay = await MeasuredRelay.start(kind)
  const line = await CircuitLine.open(relay.addresses.webSocket, false)
  const before = await relay.holding()
  const progress = { sent: 0 }
  const piece = new Uint8Array(65_536)
  const sending = (async () => {
    for (; progress.sent < bytes; progress.sent += piece.length) await line.near.write(piece)
  })().catch(() => {})
  // Over when everything went, or nothing has gone for a while.
  for (let last = -1; progress.sent !== last;) {
    last = progress.sent
    await new Promise(resolve => setTimeout(resolve, 1_500))
  }
  const after = await relay.holding()
  figures.add('receiver that does not read: taken from its sender, MB', kind, progress.sent / 1e6)
  figures.add('receiver that does not read: memory on top (RSS), MB', kind, (after.rssBytes - before.rssBytes) / 1e6)
  await line.close()
  await sending
}

/** One peer sends all it can while others play: how long their messages take, and whether all of them arrive. */
export async function measureFairness(
  figures: Figures,
  kind: RelayKind,
  { games, rounds, bytesPerSecond }: { games: number; rounds: number; bytesPerSecond: number },
): Promise<void> {
  await using relay = await MeasuredRelay.start(kind, bytesPerSecond)
  const url = relay.addresses.webSocket
  const greedy = await CircuitLine.open(url)
  const lines = await Promise.all(Array.from({ length: games }, () => CircuitLine.open(url)))
  const startedAt = performance.now()
  const stop = greedy.flow(Number.POSITIVE_INFINITY)
  const times: number[] = []
  await Promise.all(
    lines.map(async line => {
      for (let turn = 0; turn < rounds; turn += 1) {
        times.push(await line.roundTrip())
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1_000
  const limit = Number.isFinite(bytesPerSecond) ? `relay full at ${bytesPerSecond / 1e6} MB/s` : 'no limits'
  const label = `one greedy peer beside ${games} games, ${limit}`
  figures.add(`${label}: round trip of the games, p50, ms`, kind, percentile(times, 0.5))
  figures.add(`${label}: p99, ms`, kind, percentile(times, 0.99))
  figures.add(`${label}: the greedy one gets, MB/s`, kind, greedy.arrivedBytes / 1e6 / seconds)
  // It may be waiting for room; its connection ends that.
  await Promise.all([greedy, ...lines].map(line => line.close()))
  await stop().catch(() => {})
}
