// `npm start`: installs, builds, and runs a relay with the page on it. Flags go on to the relay: `npm start -- --port 9000`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

import { build } from './build.mjs'
import { install } from './install.mjs'
import { projectEnvironment, projectNode, root } from './run.mjs'

await install()
await build()

const relay = spawn(
  projectNode(),
  ['--max-semi-space-size=4', join(root, 'apps/relay/dist/main.js'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: projectEnvironment({ NODE_ENV: 'production' }),
  },
)
// Ctrl-C reaches the relay by the terminal too; a process manager signals only this one. The relay takes both as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => relay.kill(signal))
relay.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)))
