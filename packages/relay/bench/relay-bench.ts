/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm bench:relay`: our relay against js-libp2p's own server, each in a process of its own, in turns; prints Markdown for docs/benchmarks.md.
// `--quick` for a look, `--peers 5000` for more idle peers, `--rounds 7`, `--only memory,circuits,stuck,fairness,coturn`.
import { parseArgs } from 'node:util'

import { Figures, machineLine } from './figures.ts'
import { measureCircuits, measureFairness, measureStuckReceiver, openCircuits } from './measure-circuits.ts'
import { measureIdlePeers } from './measure-memory.ts'
import { relayKinds } from './measured-relay.ts'
import { measureTurn } from './turn/measure-turn.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    peers: { type: 'string' },
    'webrtc-peers': { type: 'string' },
    only: { type: 'string', default: 'memory,webrtc,circuits,stuck,fairness,coturn' },
  },
})
const isQuick = values.quick
const rounds = Number(values.rounds ?? (isQuick ? 2 : 5))
const peers = Number(values.peers ?? (isQuick ? 300 : 1_000))
const webRtcPeers = Number(values['webrtc-peers'] ?? (isQuick ? 20 : 60))
const parts = new Set(values.only.split(','))
const memoryRounds = isQuick ? 1 : 3
const amounts = isQuick
  ? { bulkBytes: 32 * 2 ** 20, messages: 20_000, pings: 300 }
  : { bulkBytes: 128 * 2 ** 20, messages: 60_000, pings: 1_000 }
const figures = new Figures()

/** Each relay goes first in every other round, so that nobody has the warmer machine. */
const turns = (round: number): ReadonlyArray<(typeof relayKinds)[number]> =>
  round % 2 === 0 ? relayKinds : relayKinds.toReversed()
const say = (what: string): void => void process.stderr.write(`${what}\n`)

if (parts.has('memory')) {
  for (let round = 0; round < memoryRounds; round += 1) {
    say(`idle peers, round ${round + 1} of ${memoryRounds}`)
    for (const kind of turns(round)) await measureIdlePeers(figures, kind, 'WebSocket', peers)
  }
}
if (parts.has('webrtc')) {
  for (const kind of relayKinds) await measureIdlePeers(figures, kind, 'WebRTC-direct', webRtcPeers)
}
if (parts.has('circuits')) {
  const benches = { stock: await openCircuits('stock'), own: await openCircuits('own') }
  // Half of what the slower of both can do, so that both carry the same.
  let halfLoad: number | undefined
  for (let round = -1; round < rounds; round += 1) {
    say(round < 0 ? 'circuits, warming up' : `circuits, round ${round + 1} of ${rounds}`)
    const rates: number[] = []
    for (const kind of turns(round + 1)) {
      const { bulkBytesPerSecond } = await measureCircuits(figures, benches[kind], amounts, halfLoad)
      rates.push(bulkBytesPerSecond)
    }
    halfLoad ??= Math.min(...rates) / 2
  }
  figures.add('half load, MB/s', 'stock', (halfLoad ?? 0) / 1e6)
  figures.add('half load, MB/s', 'own', (halfLoad ?? 0) / 1e6)
  for (const { relay, line, beside, echo } of Object.values(benches)) {
    await Promise.all([line.close(), beside.close()])
    await echo[Symbol.asyncDispose]()
    await relay[Symbol.asyncDispose]()
  }
}
if (parts.has('stuck')) {
  say('a receiver that does not read')
  for (const kind of relayKinds) await measureStuckReceiver(figures, kind, isQuick ? 64e6 : 256e6)
}
if (parts.has('fairness')) {
  say('one greedy peer')
  const games = { games: 19, rounds: isQuick ? 30 : 100 }
  for (const kind of relayKinds) {
    await measureFairness(figures, kind, { ...games, bytesPerSecond: Number.POSITIVE_INFINITY })
  }
  await measureFairness(figures, 'own', { ...games, bytesPerSecond: 5_000_000 })
}

console.log(
  `${machineLine()}\nRelays, peers and driver share it; all traffic is loopback. ${rounds} rounds.\n\n${figures.toString()}`,
)
if (parts.has('coturn')) console.log(`\n${await measureTurn(amounts)}`)
// What was cut rather than closed, and WebRTC's threads, would keep the process.
process.exit()
