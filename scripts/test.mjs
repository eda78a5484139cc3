// `npm test`: installs what is missing, a browser included, then checks, builds, and tests everything.
// `npm test -- --only unit,e2e` runs the named steps alone.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { installBrowsers } from './browsers.mjs'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { nodeOnNewerLibc } from './newer-libc.mjs'
import { giveUp, projectEnvironment, projectNode, root, run, say } from './run.mjs'

const reports = join(root, '.cache', 'reports')
const bin = name => join(root, 'node_modules', name)

/** Each step: what runs on the project's Node, and where it leaves its counts. */
const steps = {
  types: {
    say: 'Checking types',
    args: [
      [bin('typescript/bin/tsc'), '-b'],
      [bin('typescript/bin/tsc'), '-p', 'tsconfig.test.json'],
    ],
  },
  lint: { say: 'Linting', args: [[bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings']] },
  format: { say: 'Checking the format', args: [[bin('oxfmt/bin/oxfmt'), '--check']] },
  docs: {
    say: 'Checking the generated pages',
    args: [['--conditions=@tsugi/source', 'scripts/limits.ts', '--check']],
  },
  unused: { say: 'Looking for what nothing uses', args: [[bin('knip/bin/knip.js')]] },
  unit: {
    say: 'Unit and integration tests (vitest)',
    args: [
      [
        bin('vitest/vitest.mjs'),
        'run',
        '--project=!webtransport',
        '--reporter=default',
        '--reporter=json',
        '--outputFile.json=.cache/reports/unit.json',
      ],
    ],
    count: () => countVitest('unit.json'),
  },
  webtransport: {
    say: 'WebTransport over real QUIC (vitest)',
    node: nodeForQuic,
    args: [
      [
        bin('vitest/vitest.mjs'),
        'run',
        '--project=webtransport',
        '--reporter=default',
        '--reporter=json',
        '--outputFile.json=.cache/reports/webtransport.json',
      ],
    ],
    count: () => countVitest('webtransport.json'),
  },
  e2e: {
    say: 'Real browsers (Playwright)',
    args: [[bin('@playwright/test/cli.js'), 'test', '--config', 'e2e/playwright.config.ts']],
    count: () => {
      const { expected, unexpected, flaky, skipped } = readReport('e2e.json').stats
      return { passed: expected, failed: unexpected + flaky, skipped }
    },
  },
}

function countVitest(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = readReport(report)
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
}

/** A Node that QUIC's native part loads into, else the project's, where those tests skip themselves. */
function nodeForQuic() {
  const found = nodeOnNewerLibc()
  if ('node' in found) return found.node
  say(`The tests with real QUIC are skipped: ${found.reason}`)
  return projectNode()
}

function readReport(name) {
  return JSON.parse(readFileSync(join(reports, name), 'utf8'))
}

const onlyAt = process.argv.indexOf('--only')
const wanted = onlyAt === -1 ? Object.keys(steps) : (process.argv[onlyAt + 1] ?? '').split(',')
const unknown = wanted.filter(name => !Object.hasOwn(steps, name))
if (unknown.length > 0) giveUp(`There is no step ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}.`, 2)

await install()
if (wanted.includes('e2e')) await installBrowsers()
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
await build()

const failedSteps = []
const total = { passed: 0, failed: 0, skipped: 0 }
for (const name of wanted) {
  const step = steps[name]
  const started = Date.now()
  say(step.say)
  let isGreen = true
  for (const args of step.args) {
    const code = await run(step.node?.() ?? projectNode(), args, { env: projectEnvironment({ FORCE_COLOR: '0' }) })
    if (code !== 0) isGreen = false
  }
  if (!isGreen) failedSteps.push(name)
  try {
    const counts = step.count?.()
    for (const key of Object.keys(total)) total[key] += counts?.[key] ?? 0
  } catch {
    process.stderr.write(`The ${name} step left no report.\n`)
    if (isGreen) failedSteps.push(name)
  }
  say(`${step.say}: ${isGreen ? 'good' : 'FAILED'}, ${((Date.now() - started) / 1000).toFixed(0)} s`)
}

if (failedSteps.length > 0) process.stdout.write(`Failed: ${failedSteps.join(', ')}\n`)
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
process.exit(failedSteps.length === 0 && total.failed === 0 ? 0 : 1)
