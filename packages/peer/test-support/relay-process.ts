import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

/** A relay in a process of its own, which can be stopped as a machine that hangs is: its sockets stay, and it says nothing. */
export interface RelayProcess {
  readonly url: string
  freeze(): void
  thaw(): void
}

const program = fileURLToPath(new URL('../bench/relay-process.ts', import.meta.url))

/** Starts one; it ends with its test. */
export async function startRelayProcess(): Promise<RelayProcess> {
  const child = fork(program, { execArgv: ['--conditions=@tsugi/source'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [url] = (await once(child, 'message')) as [string]
  return { url, freeze: () => void child.kill('SIGSTOP'), thaw: () => void child.kill('SIGCONT') }
}
