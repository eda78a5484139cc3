// `pnpm bench:mesh`: how long a peer takes to reserve, to be heard, to be on a direct line, and to be heard again after each fault; ours beside stock js-libp2p in one
// NAT lab. Starts are measured in turns, faults side by side, each system and line with relays and homes of its own. `--quick` is a look, `--long` has a line that is
// cut for a minute too, `--runs 3` takes more samples, `--only <part of a fault's name>`. Prints Markdown; docs/benchmarks.md holds a run. Needs root, as the lab does.
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

import { installNetworkTools, whyNoNetworks } from '../../../scripts/network-tools.mjs'
import { startLiar } from '../../chaos/liar.ts'
import { Lab } from '../../lab/lab.ts'
import { Measurement } from './measure.ts'
import { type MeshFault, meshFaults } from './mesh-faults.ts'
import { type Places, createPlaces } from './places.ts'
import { Samples, table } from './samples.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
/** Not of two who talk, so by itself. */
const idleName = 'a relay freezes while its guest is idle: another holds a slot'
/** Starts are short, and swing with the machine. */
const startsPerRun = values.quick ? 1 : 3

await installNetworkTools()
const reason = whyNoNetworks()
if (reason === undefined) await main()
else console.log(`bench:mesh is skipped: ${reason}.`)

async function main(): Promise<void> {
  const startedAt = performance.now()
  await using lab = await Lab.create()
  const all: Places[] = []
  for (const line of ['direct', 'relayed'] as const) {
    for (const system of ['stock', 'ours'] as const) all.push(await createPlaces(lab, system, line))
  }
  const [, ours] = all
  const samples = { ours: new Samples(), stock: new Samples() }
  const stun = `stun:${new URL(ours!.relays[0]!.name).hostname}:3478`
  const measured = all.map(places => ({ places, measurement: new Measurement(places, samples[places.system], stun) }))
  const liarSite = await lab.addSite('liar', 'server')
  const liarPlace = { host: '0.0.0.0', address: liarSite.address, command: liarSite.command.bind(liarSite) }
  const liar = await startLiar(liarPlace, 8080, ours!.relays[0]!.peerId)
  for (let run = 1; run <= Number(values.runs); run++) {
    console.error(`run ${run}: starts`)
    for (let count = 0; count < startsPerRun; count++) {
      for (const { measurement } of measured) await measurement.start('')
      for (const { places, measurement } of measured) {
        if (places.system === 'ours') await measurement.start('a liar first in the list: ', [liar.url])
      }
    }
    await Promise.all(
      measured.map(async ({ places, measurement }) => {
        for (let count = 0; count < startsPerRun && isChosen({ name: idleName, form: 'usual' }); count++) {
          console.error(`run ${run}, ${places.line}, ${places.system}: ${idleName}`)
          await measurement.idle(idleName)
        }
        for (const fault of meshFaults.filter(isChosen)) {
          console.error(`run ${run}, ${places.line}, ${places.system}: ${fault.name}`)
          await measurement.suffer(fault)
        }
      }),
    )
  }
  liar.child.kill('SIGKILL')
  for (const { relays } of all) for (const relay of relays) await relay.dispose()
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  console.log(
    `Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}; ` +
      `load ${loadavg()[2]?.toFixed(1)} over the last quarter of an hour; runs: ${values.runs}, ${minutes} min.\n`,
  )
  console.log(table(samples.ours, samples.stock))
}

function isChosen({ name, form }: Pick<MeshFault, 'name' | 'form'>): boolean {
  if (values.only !== undefined) return name.includes(values.only)
  return form === 'quick' || (!values.quick && (form === 'usual' || values.long))
}
