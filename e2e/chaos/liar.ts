import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { RelayPlace } from '../harness/relay-process.ts'

const script = fileURLToPath(new URL('lying-relay.ts', import.meta.url))

/** Starts a relay that lies, in a process of its own; port 0 takes a free one. */
export async function startLiar(
  place: RelayPlace,
  port: number,
  honestPeerId: string,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const [program, args] = place.command(process.execPath, [script, place.host, `${port}`, honestPeerId])
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, url: `http://${place.address}:${line.split(' ')[1]}` }
}
