import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../apps/relay/dist/main.js', import.meta.url))

/** What the relay prints when it is ready; DESIGN section 3. */
export interface ReadyLine {
  readonly event: 'ready'
  readonly peerId: string
  readonly http: string
  readonly multiaddrs: readonly string[]
  readonly pid: number
}

/** What `/health` says, as far as tests read it. */
interface RelayHealth {
  readonly relay: { readonly peers: number; readonly reservations: number; readonly circuits: number }
  readonly streams: { readonly active: number }
  readonly gossip_buffer: { readonly entries: number }
  readonly memory: { readonly rss_bytes: number }
}

/** Where a relay runs: a machine of the NAT lab, or this one. */
export interface RelayPlace {
  /** What it binds; its page is at `address`. */
  readonly host: string
  readonly address: string
  /** The command line that starts a program there. */
  command(program: string, args: readonly string[]): readonly [program: string, args: string[]]
  /** Set in its environment. */
  readonly environment?: Readonly<Record<string, string>>
}

const loopback: RelayPlace = {
  host: '127.0.0.1',
  address: '127.0.0.1',
  command: (program, args) => [program, [...args]],
}

/** A relay in a process of its own, with a data directory that outlives its restarts. */
export class RelayProcess {
  readonly #place: RelayPlace
  #dataDir: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined
  #log: string[] = []
  ready!: ReadyLine
  /** The port of its first start; a restart takes the same one. */
  port = 0

  private constructor(place: RelayPlace, dataDir: string, args: readonly string[]) {
    this.#place = place
    this.#dataDir = dataDir
    this.#args = args
  }

  /** Starts one on loopback. */
  static start(...args: string[]): Promise<RelayProcess> {
    return RelayProcess.startAt(loopback, ...args)
  }

  /** Starts one somewhere else. */
  static async startAt(place: RelayPlace, ...args: string[]): Promise<RelayProcess> {
    const relay = new RelayProcess(place, await makeDataDir(), args)
    await relay.restart()
    return relay
  }

  /** Starts the process (again), and resolves when it has printed its ready line. */
  async restart(): Promise<void> {
    const { host, environment } = this.#place
    const args = ['--json', '--host', host, '--port', `${this.port}`, '--udp-port', '0', '--stun-port', '0']
    // Not every machine has it, so only the specs about it have it on.
    if (!this.#args.includes('--webtransport-port')) args.push('--webtransport-port', 'off')
    const [program, words] = this.#place.command(process.execPath, [
      command,
      ...args,
      '--data-dir',
      this.#dataDir,
      ...this.#args,
    ])
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    this.#child = child
    createInterface({ input: child.stderr }).on('line', line => {
      this.#log.push(line)
      if (this.#log.length > 500) this.#log.shift()
    })
    const lines = createInterface({ input: child.stdout })
    const first = await Promise.race([
      once(lines, 'line').then(([line]) => String(line)),
      once(child, 'exit').then(([code]) => {
        throw new Error(`The relay ended with ${code} before it was ready:\n${this.log}`)
      }),
    ])
    this.ready = JSON.parse(first) as ReadyLine
    this.port = Number(new URL(this.ready.http).port)
  }

  /** Where its page is. */
  get url(): string {
    const { address } = this.#place
    return `http://${isIPv6(address) ? `[${address}]` : address}:${this.port}`
  }

  /** Its last log lines. */
  get log(): string {
    return this.#log.join('\n')
  }

  /** Its process id. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, 'exit')
    child.kill(signal)
    const [code] = await ended
    return code as number | null
  }

  /** Kills it without warning. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends it in order, and resolves to its exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  /** Stops it in its tracks, its connections open, until {@link thaw}. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Forgets who it was: the next start has another identity. */
  async forgetIdentity(): Promise<void> {
    await rm(this.#dataDir, { recursive: true, force: true })
    this.#dataDir = await makeDataDir()
  }

  /** Ends it and removes its data. */
  async dispose(): Promise<void> {
    await this.#end('SIGTERM')
    await rm(this.#dataDir, { recursive: true, force: true })
  }

  async health(): Promise<RelayHealth> {
    return (await fetch(`${this.url}/health`)).json() as Promise<RelayHealth>
  }

  /** What opens its admin API. */
  async adminToken(): Promise<string> {
    return (await readFile(join(this.#dataDir, 'admin-token'), 'utf8')).trim()
  }

  /** The value of a metric, named with its labels if only one series is meant; without them the sum over all. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    const values = text
      .split('\n')
      .filter(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .map(line => Number(line.slice(line.lastIndexOf(' ') + 1)))
    if (values.length === 0) throw new Error(`The relay has no metric ${name}.`)
    return values.reduce((sum, value) => sum + value, 0)
  }
}

function makeDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tsugi-relay-'))
}
