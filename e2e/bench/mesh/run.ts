// `pnpm bench:mesh`: how long a peer takes to reserve, to be heard, to be on a direct line, and to be heard again after faults; ours beside stock js-libp2p, in turns, in
// one NAT lab. `--runs 5` takes more samples. Prints Markdown; docs/benchmarks.md holds a run of it. Needs root, as the lab does.
import { cpus, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { installNetworkTools, whyNoNetworks } from '../../../scripts/network-tools.mjs'
import { Lab } from '../../lab/lab.ts'
import { startPublicRelay } from '../../lab/public-relay.ts'
import type { Site } from '../../lab/site.ts'
import { BenchPeer, type System } from './bench-peer.ts'
import { type BenchRelay, ourRelay, startStockRelay } from './bench-relay.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' } } })
/** What has not come after so long counts as never. */
const neverMs = 45_000
const cutMs = 10_000
const downMs = 3_000

const cutName = `longest silence when its line is cut for ${cutMs / 1_000} s`
const killName = `longest silence when the relay is killed and back after ${downMs / 1_000} s`
const newcomerName = 'after that, a newcomer’s start → first message'

/** Samples by what was measured; undefined for never. */
type Samples = Map<string, (number | undefined)[]>

await installNetworkTools()
const reason = whyNoNetworks()
if (reason === undefined) await main()
else console.log(`bench:mesh is skipped: ${reason}.`)

async function main(): Promise<void> {
  await using lab = await Lab.create()
  const ours = await startPublicRelay(lab, 'relay')
  const relays = { ours: ourRelay(ours), stock: await startStockRelay(await lab.addSite('stock-relay', 'server')) }
  const stun = `stun:${ours.site.address}:3478`
  const lines: [string, Site, Site, Site][] = [
    [
      'direct',
      await lab.addSite('a', 'restricted'),
      await lab.addSite('b', 'restricted'),
      await lab.addSite('c', 'restricted'),
    ],
    ['relayed', await lab.addSite('d', 'no-udp'), await lab.addSite('e', 'no-udp'), await lab.addSite('f', 'no-udp')],
  ]
  const results = { ours: new Map() as Samples, stock: new Map() as Samples }
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [line, speaker, listener, newcomer] of lines) {
      for (const system of ['ours', 'stock'] as const) {
        console.error(`run ${run + 1}, ${line}, ${system}`)
        await measure(system, line, { relay: relays[system], stun, speaker, listener, newcomer }, results[system])
      }
    }
  }
  await ours.process.dispose()
  console.log(
    `Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}; ${values.runs} runs.\n`,
  )
  console.log(table(results.ours, results.stock))
}

interface Places {
  readonly relay: BenchRelay
  readonly stun: string
  readonly speaker: Site
  readonly listener: Site
  readonly newcomer: Site
}

async function measure(system: System, line: string, places: Places, samples: Samples): Promise<void> {
  const note = (name: string, value: number | undefined): void => {
    samples.set(`${line}: ${name}`, [...(samples.get(`${line}: ${name}`) ?? []), value])
  }
  const { relay, stun } = places
  const peers: BenchPeer[] = []
  const bring = (site: Site, other?: string): BenchPeer => {
    const peer = new BenchPeer(system, site, {
      relay: relay.name,
      stun,
      speaks: other === undefined,
      ...(other !== undefined && { other }),
    })
    peers.push(peer)
    return peer
  }
  try {
    const speaker = bring(places.speaker)
    await speaker.until(({ reservedMs }) => reservedMs !== undefined, neverMs)
    note('start → slot on the relay', speaker.reservedMs)
    const listener = bring(places.listener, speaker.address)
    const hasHeard = await listener.until(({ heardAt }) => heardAt.length > 0, neverMs)
    note('second peer’s start → first message', listener.heardMs)
    if (line === 'direct') {
      await listener.until(({ directMs }) => directMs !== undefined, neverMs)
      note('second peer’s start → direct line', listener.directMs)
      // What is on its way to the new line arrives there.
      await sleep(6_000)
    }
    if (!hasHeard) {
      for (const name of [cutName, killName, newcomerName]) note(name, undefined)
      return
    }
    note(
      cutName,
      await silenceOf(
        listener,
        () => places.listener.setLine({ cut: 'both' }),
        cutMs,
        () => places.listener.setLine({}),
      ),
    )
    note(
      killName,
      await silenceOf(
        listener,
        () => relay.kill(),
        downMs,
        () => relay.restart(),
      ),
    )
    const newcomer = bring(places.newcomer, speaker.address)
    await newcomer.until(({ heardAt }) => heardAt.length > 0, neverMs)
    note(newcomerName, newcomer.heardMs)
  } finally {
    for (const peer of peers) peer.end()
  }
}

/** How long nothing was heard because of a fault; undefined when nothing was heard any more. */
async function silenceOf(
  listener: BenchPeer,
  begin: () => Promise<void>,
  lastsMs: number,
  end: () => Promise<void>,
): Promise<number | undefined> {
  const from = Date.now()
  await begin()
  await sleep(lastsMs)
  await end()
  const to = Date.now()
  const isHeard = await listener.until(({ heardAt }) => (heardAt.at(-1) ?? 0) > to, neverMs)
  return isHeard ? listener.silence(from, to) : undefined
}

function table(ours: Samples, stock: Samples): string {
  const rows = [...ours.keys()].map(name => {
    const [mine, theirs] = [ours.get(name) ?? [], stock.get(name) ?? []]
    return `| ${name} | ${words(theirs)} | ${words(mine)} | ${ratio(mine, theirs)} |`
  })
  return ['| what | stock | ours | ratio (spread over the runs) |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function words(samples: readonly (number | undefined)[]): string {
  const came = samples.filter(value => value !== undefined).toSorted((a, b) => a - b)
  if (came.length === 0) return `never (within ${neverMs / 1_000} s)`
  const median = `${(came[Math.floor((came.length - 1) / 2)]! / 1_000).toFixed(2)} s`
  return came.length === samples.length
    ? median
    : `${median}, never in ${samples.length - came.length} of ${samples.length}`
}

/** Run by run, because both of a run met the same machine. */
function ratio(ours: readonly (number | undefined)[], stock: readonly (number | undefined)[]): string {
  const ratios = ours
    .flatMap((mine, run) => {
      const theirs = stock[run]
      return mine === undefined || theirs === undefined ? [] : [mine / theirs]
    })
    .toSorted((a, b) => a - b)
  if (ratios.length === 0) return '–'
  const [least, median, most] = [ratios[0]!, ratios[Math.floor((ratios.length - 1) / 2)]!, ratios.at(-1)!]
  return `${median.toFixed(2)} (${least.toFixed(2)} – ${most.toFixed(2)})`
}
