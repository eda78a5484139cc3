/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm bench:relay`: our relay against js-libp2p's own server, both over WebSocket, each in its own process, in turns.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { Stream } from '@libp2p/interface'

import { type RawPeer, drained, startRawPeer } from '../test-support/raw-peer.ts'

const rounds = Number(process.argv[2] ?? 5)
const bulkBytes = 64 * 1_024 * 1_024
const messages = 40_000
const pings = 400
const kinds = ['stock', 'own'] as const

interface Usage {
  readonly cpuMs: number
  readonly rssBytes: number
}

interface Bench {
  readonly child: ChildProcess
  readonly caller: RawPeer
  readonly target: RawPeer
  readonly near: Stream
  readonly far: Stream
  readonly usage: () => Promise<Usage>
}

async function start(kind: string): Promise<Bench> {
  const child = fork(join(import.meta.dirname, 'relay-process.ts'), [kind], {
    execArgv: [
      '--conditions=@tsugi/source',
      '--no-warnings',
      ...(process.env['PROFILE'] === kind ? ['--cpu-prof', '--cpu-prof-dir=.cache/profiles'] : []),
    ],
  })
  const [{ address }] = (await once(child, 'message')) as [{ address: string }]
  const [target, caller] = [await startRawPeer(address), await startRawPeer(address)]
  await target.reserve()
  const accepted = target.accepted()
  const { stream: near } = await caller.connect(target)
  const { stream: far } = await accepted
  return {
    child,
    caller,
    target,
    near,
    far,
    async usage() {
      child.send('usage')
      return ((await once(child, 'message')) as [Usage])[0]
    },
  }
}

/** Sends pieces until a number of bytes has arrived at the other end. */
async function transfer(
  { near, far, usage }: Bench,
  pieceBytes: number,
  total: number,
): Promise<{ cpuMs: number; ms: number }> {
  const piece = new Uint8Array(pieceBytes).fill(7)
  const before = await usage()
  const startedAt = performance.now()
  const arrived = new Promise<void>(resolve => {
    let bytes = 0
    const onMessage = ({ data }: { data: { byteLength: number } }): void => {
      bytes += data.byteLength
      if (bytes < total) return
      far.removeEventListener('message', onMessage)
      resolve()
    }
    far.addEventListener('message', onMessage)
  })
  for (let sent = 0, turn = 0; sent < total; sent += pieceBytes, turn += 1) {
    if (!near.send(piece)) await drained(near)
    // As from an application: messages arrive one by one, not as one block.
    if (pieceBytes < 1_000 && turn % 8 === 7) await new Promise(resolve => setImmediate(resolve))
  }
  await arrived
  const ms = performance.now() - startedAt
  return { cpuMs: (await usage()).cpuMs - before.cpuMs, ms }
}

/** Round trips of 200 bytes, one after another. */
async function roundTrips({ near, far }: Bench): Promise<number[]> {
  const echo = ({ data }: { data: Parameters<Stream['send']>[0] }): void => void far.send(data)
  far.addEventListener('message', echo)
  const times: number[] = []
  const message = new Uint8Array(200)
  for (let turn = 0; turn < pings; turn += 1) {
    const startedAt = performance.now()
    const answered = new Promise<void>(resolve => near.addEventListener('message', () => resolve(), { once: true }))
    near.send(message)
    await answered
    times.push(performance.now() - startedAt)
  }
  far.removeEventListener('message', echo)
  return times.toSorted((a, b) => a - b)
}

const benches = { stock: await start('stock'), own: await start('own') }
const results: Record<string, Record<(typeof kinds)[number], number[]>> = {}
const note = (name: string, kind: (typeof kinds)[number], value: number): void => {
  results[name] ??= { stock: [], own: [] }
  results[name][kind].push(value)
}
for (let round = -1; round < rounds; round += 1) {
  for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
    const bench = benches[kind]
    const bulk = await transfer(bench, 64 * 1_024, bulkBytes)
    const small = await transfer(bench, 200, messages * 200)
    const times = await roundTrips(bench)
    // The first round warms up the compiler.
    if (round < 0) continue
    note('bulk, MB/s', kind, bulkBytes / 1e6 / (bulk.ms / 1_000))
    note('relay CPU, s per GB', kind, bulk.cpuMs / 1_000 / (bulkBytes / 1e9))
    note('relay CPU, s per million messages of 200 B', kind, small.cpuMs / 1_000 / (messages / 1e6))
    note('round trip p50, ms', kind, times[Math.floor(pings * 0.5)] ?? 0)
    note('round trip p99, ms', kind, times[Math.floor(pings * 0.99)] ?? 0)
  }
}
const show = (value: number): string => value.toFixed(value < 10 ? 2 : 1)
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
console.log(`${rounds} rounds, in turns; medians, and own/stock with its spread over the rounds`)
for (const [name, { stock, own }] of Object.entries(results)) {
  const ratios = own.map((value, index) => value / (stock[index] ?? 1)).toSorted((a, b) => a - b)
  const spread = `${show(median(ratios))} (${show(ratios[0] ?? 0)} to ${show(ratios.at(-1) ?? 0)})`
  console.log(
    `${name.padEnd(46)} stock ${show(median(stock)).padStart(7)}   own ${show(median(own)).padStart(7)}   ratio ${spread}`,
  )
}
for (const { caller, target, child } of Object.values(benches)) {
  await Promise.all([caller.stop(), target.stop()])
  child.disconnect()
}
