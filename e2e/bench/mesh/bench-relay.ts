import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { RelayProcess } from '../../harness/relay-process.ts'
import type { Site } from '../../lab/site.ts'

const script = fileURLToPath(new URL('stock-relay.ts', import.meta.url))
const clock = new URL('../../chaos/wall-clock.mjs', import.meta.url).href

/** In the environment of a process whose clock is to be set: SIGUSR2 does it. */
export const settableClock = { NODE_OPTIONS: `--import ${clock}` }

/** A relay of the benchmark. */
export interface BenchRelay {
  /** What peers are told: another one when its identity is another, where the identity is part of it. */
  readonly name: string
  readonly peerId: string
  readonly pid: number
  /** Without a word. */
  kill(): Promise<unknown>
  /** In order. */
  stop(): Promise<unknown>
  /** At the same address, as the same one unless its identity was forgotten. */
  restart(): Promise<void>
  forgetIdentity(): Promise<void> | void
  /** Lets go of the slots of peers that have gone. */
  forgetSlots(): Promise<void>
  freeze(): void
  thaw(): void
  dispose(): Promise<unknown>
}

/** Our command, at the ports that the lab's sites expect it at. */
export async function startOurRelay(site: Site): Promise<BenchRelay> {
  const place = { host: '0.0.0.0', address: site.address, command: site.command.bind(site), environment: settableClock }
  const relay = await RelayProcess.startAt(place, '--port', '8080', '--stun-port', '3478')
  return Object.assign(relay, { name: relay.url, peerId: relay.ready.peerId, forgetSlots: async () => {} })
}

/** js-libp2p's own relay server. */
export async function startStockRelay(site: Site): Promise<BenchRelay> {
  const relay = new StockRelay(site)
  await relay.restart()
  return relay
}

class StockRelay implements BenchRelay {
  readonly #site: Site
  #child: ChildProcess | undefined
  #seed = randomBytes(32).toString('hex')
  name = ''

  get peerId(): string {
    return this.name.slice(this.name.lastIndexOf('/') + 1)
  }

  constructor(site: Site) {
    this.#site = site
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async restart(): Promise<void> {
    const args = ['--no-warnings', script, this.#site.address, '9000', this.#seed]
    const [program, words] = this.#site.command(process.execPath, args)
    this.#child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...settableClock },
    })
    const [line] = (await once(createInterface({ input: this.#child.stdout! }), 'line')) as [string]
    this.name = line
  }

  kill(): Promise<unknown> {
    return this.#end('SIGKILL')
  }

  stop(): Promise<unknown> {
    return this.#end('SIGTERM')
  }

  forgetIdentity(): void {
    this.#seed = randomBytes(32).toString('hex')
  }

  /** It has fifteen, and keeps each for two hours, whether its peer is there or not. */
  async forgetSlots(): Promise<void> {
    await this.kill()
    await this.restart()
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  dispose(): Promise<unknown> {
    return this.kill()
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}
