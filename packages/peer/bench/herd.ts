/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm herd`: all guests of a relay come at once, and come back at once after it was gone: in what time, with how many tries, and what becomes of the relay meanwhile.
// `--guests 2000`, `--gone 60` (seconds that the relay is away), `--elsewhere` (another relay carries them meanwhile, so nobody hurries).
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { wellKnownPath } from '@tsugi/protocol'

import { HerdGuest } from './herd-guest.ts'
import type { HerdRelayFigures } from './herd-relay.ts'

const { values } = parseArgs({
  options: {
    guests: { type: 'string', default: '1000' },
    gone: { type: 'string', default: '3' },
    elsewhere: { type: 'boolean', default: false },
  },
})
const guests = Number(values.guests)
const patienceMs = 180_000
const program = fileURLToPath(new URL('herd-relay.ts', import.meta.url))
const dataDir = await mkdtemp(join(tmpdir(), 'tsugi-herd-'))

async function startRelay(port: number): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(program, [`${port}`, dataDir])
  const [url] = (await once(child, 'message')) as [string]
  return { child, url }
}

async function figuresOf(child: ChildProcess): Promise<HerdRelayFigures> {
  const answered = once(child, 'message') as Promise<[HerdRelayFigures]>
  child.send('figures')
  const [figures] = await answered
  return figures
}

/** When guests got their slots. */
let reservedAt: number[] = []
let onAll: () => void = () => {}
function noteReserved(): void {
  reservedAt.push(performance.now())
  if (reservedAt.length === guests) onAll()
}

/** Waits until everybody holds a slot, and says how it went. */
async function watch(what: string, herd: readonly HerdGuest[], child: ChildProcess, since: number): Promise<void> {
  const count = (of: 'tries' | 'failures'): number => herd.reduce((sum, guest) => sum + guest[of], 0)
  const all = new Promise<void>(resolve => {
    onAll = resolve
  })
  if (reservedAt.length < guests) await Promise.race([all, sleep(patienceMs, undefined, { ref: false })])
  const { cpuMs, delayP50Ms, delayP99Ms, delayMaxMs, refusals, reservations } = await figuresOf(child)
  const times = reservedAt.map(at => at - since).toSorted((one, other) => one - other)
  const at = (share: number): string => `${((times[Math.ceil(times.length * share) - 1] ?? 0) / 1_000).toFixed(1)} s`
  const refused = Object.entries(refusals).map(([reason, times_]) => `${times_} ${reason}`)
  console.log(
    `| ${what} | ${reservations} of ${guests} | ${at(0.5)} | ${at(0.99)} | ${at(1)} | ${(count('tries') / guests).toFixed(2)} | ${count('failures')} | ` +
      `${refused.join(', ') || '–'} | ${(cpuMs / guests).toFixed(1)} ms | ${delayP50Ms.toFixed(0)}, ${delayP99Ms.toFixed(0)}, ${delayMaxMs.toFixed(0)} ms |`,
  )
}

const first = await startRelay(0)
const { peerId } = (await (await fetch(new URL(wellKnownPath, first.url))).json()) as { peerId: string }
console.log(
  '| what | slots | half | 99 % | all | tries each | failed | turned away | relay CPU each, start included | event loop p50, p99, most |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
const begunAt = performance.now()
const herd = Array.from({ length: guests }, () => new HerdGuest(first.url, peerId, values.elsewhere, noteReserved))
await watch(`${guests} come at once`, herd, first.child, begunAt)
first.child.kill('SIGKILL')
await sleep(Number(values.gone) * 1_000)
reservedAt = []
const second = await startRelay(Number(new URL(first.url).port))
for (const guest of herd) guest.tries = guest.failures = 0
await watch(
  `the relay was killed, and was back ${values.gone} s later${values.elsewhere ? '; another carried them' : ''}`,
  herd,
  second.child,
  performance.now(),
)
await Promise.all(herd.map(guest => guest.stop()))
second.child.disconnect()
await once(second.child, 'exit')
await rm(dataDir, { recursive: true })
console.log(`\nload ${loadavg()[0]?.toFixed(1)}`)
process.exit()
