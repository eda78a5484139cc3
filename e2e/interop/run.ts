// `pnpm interop`: go-libp2p and rust-libp2p against ours, as tables in Markdown. `--write` keeps them in docs/interop.md. Programs are built from
// public modules at pinned versions; where a toolchain is missing, its columns are missing and the reason is printed. Needs `pnpm build`.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { tryBrowsers } from './cases/browsers.ts'
import { tryByHand } from './cases/by-hand.ts'
import { tryCircuits } from './cases/circuits.ts'
import { tryGossip } from './cases/gossip.ts'
import { tryOurRelay } from './cases/our-relay.ts'
import { tryTheirRelays } from './cases/their-relays.ts'
import { tryWebTransport } from './cases/webtransport.ts'
import { type Implementation, foreign, stock } from './implementation.ts'
import type { Table } from './matrix.ts'
import { type Built, buildGo, buildOlderGo, buildRust } from './toolchains.ts'

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
})
const page = new URL('../../docs/interop.md', import.meta.url)
const deadlineMs = 10 * 60_000

const startedAt = performance.now()
const built: Record<'go' | 'rust', Built> = {
  go: buildGo(),
  rust: buildRust(),
}
const older = buildOlderGo()
const implementations: Implementation[] = []
for (const name of ['go', 'rust'] as const) {
  const each = built[name]
  if ('reason' in each) console.log(`${name} is skipped: ${each.reason}.`)
  else {
    console.error(`${name} was built in ${each.seconds.toFixed(0)} s.`)
    implementations.push(foreign(name, each.program))
  }
}
if (implementations.length === 0) process.exit(0)
setTimeout(() => {
  console.log(`Not over after ${deadlineMs / 60_000} min.`)
  process.exit(1)
}, deadlineMs).unref()

const everybody = [...implementations, stock]
const go = implementations.find(({ name }) => name === 'go')?.program
const suites: Record<string, () => Promise<Table>> = {
  'our-relay': () => tryOurRelay(everybody),
  ...(go !== undefined && { 'by-hand': () => tryByHand(go) }),
  circuits: () => tryCircuits(everybody),
  gossip: () => tryGossip(everybody),
  'their-relays': () => tryTheirRelays(implementations),
  ...(go !== undefined && { browsers: () => tryBrowsers(go) }),
  webtransport: () => tryWebTransport(implementations, older),
}
const tables: Table[] = []
/** What went wrong before anything could be tried. */
const broken: string[] = []
for (const [name, run] of Object.entries(suites)) {
  if (values.only !== undefined && !values.only.includes(name)) continue
  await run().then(
    table => tables.push(table),
    (error: unknown) => broken.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`),
  )
}

const text = tables.map(table => table.toMarkdown()).join('\n')
console.log(text)
const problems = [...broken, ...tables.flatMap(table => table.problems)]
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
console.log(`${tables.reduce((sum, { tried }) => sum + tried, 0)} tried, ${problems.length} failed; ${seconds} s.`)
for (const problem of problems) console.log(problem)
if (values.write) writeFileSync(page, `${intro()}\n${text}`)
process.exit(problems.length === 0 ? 0 : 1)

function intro(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { devDependencies } = JSON.parse(manifest) as { devDependencies: Record<string, string> }
  const others = [built.go, built.rust].map(each =>
    'reason' in each ? `- not there: ${each.reason}` : `- ${each.versions}`,
  )
  return [
    '# Interop',
    '',
    'Written by `pnpm interop --write` (after `pnpm build`). Real processes on loopback: nodes of go-libp2p and rust-libp2p, built from',
    '[e2e/interop](../e2e/interop), against our relay process, our peers and stock js-libp2p. “js” is js-libp2p’s own parts without anything of ours.',
    '',
    ...others,
    `- js-libp2p ${devDependencies['libp2p']}, Node ${process.versions.node}`,
    '',
  ].join('\n')
}
