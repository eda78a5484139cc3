import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { type PublicRelay, relayUrl } from '../../lab/public-relay.ts'
import type { Site } from '../../lab/site.ts'

const script = fileURLToPath(new URL('stock-relay.ts', import.meta.url))

/** A relay of the benchmark: killed, and started again as the same one. */
export interface BenchRelay {
  /** What peers are told. */
  readonly name: string
  kill(): Promise<void>
  restart(): Promise<void>
}

/** Our command, which runs in the lab. */
export function ourRelay(relay: PublicRelay): BenchRelay {
  return { name: relayUrl(relay, relay.site), kill: () => relay.process.kill(), restart: () => relay.process.restart() }
}

/** js-libp2p's own relay server. */
export async function startStockRelay(site: Site): Promise<BenchRelay> {
  const seed = randomBytes(32).toString('hex')
  let child: ChildProcess
  const start = async (): Promise<string> => {
    const [program, args] = site.command(process.execPath, ['--no-warnings', script, site.address, '9000', seed])
    child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
    return line
  }
  const name = await start()
  return {
    name,
    async kill() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    restart: async () => void (await start()),
  }
}
