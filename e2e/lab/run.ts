// `pnpm lab`: players behind real routers, every pair of them, as a table in Markdown. `--short` has each kind of router once or twice, `--pair
// symmetric,cone` that one alone, `--browsers` the pairs with Chromium alone. Needs root, nftables and iproute2; without them it says so and ends well.
import { parseArgs } from 'node:util'

import { installNetworkTools, whyNoNetworks } from '../../scripts/network-tools.mjs'
import { PlayerHost } from '../harness/remote-player.ts'
import { Lab } from './lab.ts'
import { type PairResult, isGood } from './pair-result.ts'
import { playBrowserPair } from './play-browser-pair.ts'
import { type NodeEnd, playNodePair } from './play-node-pair.ts'
import { startPublicRelay } from './public-relay.ts'
import { type SiteKind, siteKinds } from './site-kinds.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    pair: { type: 'string', multiple: true },
    browsers: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '3' },
  },
})

type Pair = readonly [SiteKind, SiteKind]

const kinds: readonly SiteKind[] = (Object.keys(siteKinds) as SiteKind[]).filter(kind => kind !== 'server')
const everyPair: Pair[] = kinds.flatMap((a, index) => kinds.slice(index).map(b => [a, b] as const))
const shortPairs: Pair[] = [
  ['cone', 'cone'],
  ['restricted', 'restricted'],
  ['symmetric', 'symmetric'],
  ['open', 'symmetric'],
  ['cone', 'symmetric'],
  ['restricted', 'symmetric'],
  ['restricted', 'double'],
  ['double', 'double'],
  ['open', 'no-udp'],
  ['dual', 'dual'],
  ['restricted', 'dual'],
  ['ip6', 'ip6'],
  ['restricted', 'ip6'],
  ['restricted', 'lossy'],
  ['narrow', 'lossy'],
]
const browserPairs: Pair[] = [
  ['cone', 'cone'],
  ['symmetric', 'symmetric'],
  ['restricted', 'no-udp'],
]

await installNetworkTools()
const reason = whyNoNetworks()
if (reason === undefined) await main()
else console.log(`The NAT lab is skipped: ${reason}.`)

async function main(): Promise<void> {
  const startedAt = performance.now()
  const named = values.pair?.map(text => parsePair(text))
  const nodePairs = values.browsers ? [] : (named ?? (values.short ? shortPairs : everyPair))
  const chromiumPairs =
    named === undefined || values.browsers ? (values.browsers ? (named ?? browserPairs) : browserPairs) : []
  const results: PairResult[] = []
  {
    await using lab = await Lab.create()
    const relays = [await startPublicRelay(lab, 'relay-1'), await startPublicRelay(lab, 'relay-2')]
    const ends = await buildEnds(lab, [...nodePairs, ...chromiumPairs])
    const endsOf = ([a, b]: Pair): readonly [NodeEnd, NodeEnd] => [ends.get(`${a}-1`)!, ends.get(`${b}-2`)!]

    const waiting = [...nodePairs]
    const worker = async (): Promise<void> => {
      for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
        report(await playNodePair(endsOf(pair), relays, pair.join('+')), results)
      }
    }
    await Promise.all(Array.from({ length: Number(values.jobs) }, worker))
    for (const pair of chromiumPairs) report(await playBrowserPair(endsOf(pair), relays[0]!), results)
    for (const { host } of ends.values()) await host[Symbol.asyncDispose]()
    for (const { process } of relays) await process.dispose()
  }
  const order = [...nodePairs, ...chromiumPairs].map(String)
  results.sort((a, b) => placeOf(a, order) - placeOf(b, order))
  console.log(table(results))
  const bad = results.filter(result => !isGood(result))
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
  console.log(
    `${results.length} pairs, ${results.length - bad.length} as they must be, ${bad.length} not; ${seconds} s.`,
  )
  for (const result of bad)
    console.log(`\n${result.players} ${result.sites.join(' – ')}: ${result.problem ?? `line ${result.line}`}`)
  process.exit(bad.length === 0 ? 0 : 1)
}

/** Two machines of each kind that a pair has: one for either place. */
async function buildEnds(lab: Lab, pairs: readonly Pair[]): Promise<Map<string, NodeEnd>> {
  const ends = new Map<string, NodeEnd>()
  for (const pair of pairs) {
    for (const [index, kind] of pair.entries()) {
      const name = `${kind}-${index + 1}`
      if (ends.has(name)) continue
      const site = await lab.addSite(name, kind)
      ends.set(name, { kind, site, host: PlayerHost.start(site.command.bind(site)) })
    }
  }
  return ends
}

/** Where a result stands in the table: as asked for, Chromium last. */
function placeOf({ players, sites }: PairResult, order: readonly string[]): number {
  return order.indexOf(String(sites)) + (players === 'Chromium' ? order.length : 0)
}

function report(result: PairResult, results: PairResult[]): void {
  results.push(result)
  const seen = isGood(result) ? result.line : `NOT AS IT MUST BE (${result.line}, ${result.expected} expected)`
  console.error(`${result.players}: ${result.sites.join(' – ')}: ${seen}`)
}

function parsePair(text: string): Pair {
  const [a, b, ...rest] = text.split(',')
  const isKind = (name: string | undefined): name is SiteKind => kinds.includes(name as SiteKind)
  if (!isKind(a) || !isKind(b) || rest.length > 0)
    throw new Error(`--pair wants two of ${kinds.join(', ')}, not ${text}.`)
  return [a, b]
}

function table(results: readonly PairResult[]): string {
  const ms = (value: number | undefined): string => (value === undefined ? '–' : `${(value / 1_000).toFixed(1)} s`)
  const rows = results.map(result => {
    const { sites, players, line, expected, firstMessageMs, directMs, isPlayed } = result
    const [a, b] = sites.map(kind => siteKinds[kind].title)
    const found = line === expected ? line : `**${line}**, not ${expected}`
    return `| ${a} | ${b} | ${players} | ${found} | ${ms(firstMessageMs)} | ${ms(directMs)} | ${isPlayed ? 'to the end' : '**no**'} |`
  })
  return [
    '| one side | other side | players | line | first message | direct | game |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
