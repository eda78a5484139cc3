import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { PlayerAnswer, PlayerEvent, PlayerLink, PlayerRequest, PlayerView, Visit } from './player-messages.ts'
import type { CountResult } from './stream-counter.ts'

const script = fileURLToPath(new URL('player-process.ts', import.meta.url))

/** What is asked, without whom and which. */
type Asked = PlayerRequest extends infer Each
  ? Each extends PlayerRequest
    ? Omit<Each, 'id' | 'player'>
    : never
  : never

/** How a program is started somewhere: a machine of the NAT lab, or this one. */
export type StartCommand = (program: string, args: readonly string[]) => readonly [program: string, args: string[]]

/** How much a player process holds. */
export interface ProcessSizes {
  readonly players: number
  readonly rssBytes: number
  /** After a collection. */
  readonly heapBytes: number
  /** Timers, sockets and the like that keep a Node process alive. */
  readonly resources: number
}

/** A process with players in it, on this machine or in the NAT lab. */
export class PlayerHost implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #players = new Map<string, RemotePlayer>()
  readonly #complaints: string[] = []
  #nextId = 1

  private constructor(child: ChildProcess) {
    this.#child = child
    createInterface({ input: child.stdout! }).on('line', line => this.#read(line))
    createInterface({ input: child.stderr! }).on('line', line => {
      this.#complaints.push(line)
      if (this.#complaints.length > 200) this.#complaints.shift()
    })
    child.once('exit', (code, signal) => {
      const error = new Error(`A player process ended (${code ?? signal}):\n${this.#complaints.join('\n')}`)
      for (const { reject } of this.#open.values()) reject(error)
      this.#open.clear()
    })
  }

  /** Starts it, here or where `command` leads. */
  static start(
    command: StartCommand = (program, args) => [program, [...args]],
    environment: Readonly<Record<string, string>> = {},
  ): PlayerHost {
    const [program, args] = command(process.execPath, [...process.execArgv, '--no-warnings', '--expose-gc', script])
    return new PlayerHost(
      spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } }),
    )
  }

  /** Brings a player to a game. */
  async arrive(name: string, visit: Visit): Promise<RemotePlayer> {
    if (this.#players.has(name)) throw new Error(`${name} is here already.`)
    const player = new RemotePlayer(name, this)
    this.#players.set(name, player)
    player.id = (await this.ask(name, { do: 'arrive', visit })) as string
    return player
  }

  /** Sends a request and waits for its answer. */
  ask(player: string, asked: Asked): Promise<unknown> {
    const id = this.#nextId++
    const answer = Promise.withResolvers<unknown>()
    this.#open.set(id, answer)
    this.#child.stdin!.write(`${JSON.stringify({ id, player, ...asked })}\n`)
    return answer.promise
  }

  /** How much the process holds now. */
  async sizes(): Promise<ProcessSizes> {
    return (await this.ask('', { do: 'sizes' })) as ProcessSizes
  }

  /** Forgets a player who has left. */
  forget(name: string): void {
    this.#players.delete(name)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What the process wrote to stderr. */
  get complaints(): readonly string[] {
    return this.#complaints
  }

  /** Stops it in its tracks, its connections open, until {@link thaw}. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#open.clear()
    this.#child.kill('SIGKILL')
    await ended
  }

  #read(line: string): void {
    let message: PlayerAnswer | PlayerEvent
    try {
      message = JSON.parse(line) as PlayerAnswer | PlayerEvent
    } catch {
      this.#complaints.push(line)
      return
    }
    if ('event' in message) {
      this.#players.get(message.player)?.note(message)
      return
    }
    const answer = this.#open.get(message.id)
    this.#open.delete(message.id)
    if (message.ok) answer?.resolve(message.value)
    else answer?.reject(new Error(message.error))
  }
}

/** A player in another process: what it sees, and when. */
export class RemotePlayer {
  readonly name: string
  readonly #host: PlayerHost
  readonly #watchers = new Set<() => void>()
  readonly arrivedAt = Date.now()
  id = ''
  view: PlayerView | undefined
  /** The line to each other player. */
  readonly links = new Map<string, PlayerLink>()
  /** What last became of each relay that it knows, by the name that it knows it by. */
  readonly relays = new Map<string, string>()
  /** By which transport its line to each goes; empty for none. */
  readonly ways = new Map<string, string>()
  /** Everything it told, oldest first, but for views. */
  readonly history: PlayerEvent[] = []
  /** When it heard the first message, and when a direct line first stood; milliseconds after its arrival. */
  firstHeardMs: number | undefined
  firstReadyMs: number | undefined
  firstDirectMs: number | undefined
  state = 'starting'
  /** How many numbers have come over streams, and which way these go now. */
  counted = 0
  countedBy: string | null = null

  constructor(name: string, host: PlayerHost) {
    this.name = name
    this.#host = host
  }

  /** How many relays hold a slot for it. */
  get slots(): number {
    return [...this.relays.values()].filter(change => ['reserved', 'renewed', 'expiring'].includes(change)).length
  }

  /** Its process tells something. */
  note(event: PlayerEvent): void {
    const afterMs = event.at - this.arrivedAt
    if (event.event !== 'view' && event.event !== 'counted' && this.history.push(event) > 500) this.history.shift()
    switch (event.event) {
      case 'view':
        this.view = event.view
        break
      case 'link':
        this.links.set(event.link.peer, event.link)
        if (event.link.kind === 'direct') this.firstDirectMs ??= afterMs
        break
      case 'state':
        this.state = event.state
        if (event.state === 'ready') this.firstReadyMs ??= afterMs
        break
      case 'heard':
        this.firstHeardMs ??= afterMs
        break
      case 'counted':
        this.counted = event.received
        this.countedBy = event.route
        break
      case 'relay':
        this.relays.set(event.source, event.change)
        this.ways.set(event.source, event.by)
        break
    }
    for (const look of this.#watchers) look()
  }

  /** Calls back after each thing that it tells. */
  onEvent(listener: () => void): void {
    this.#watchers.add(listener)
  }

  /** Resolves when what it told makes this true; throws after the deadline, with what was seen instead. */
  async until(what: string, isSo: (player: this) => boolean, deadlineMs = 60_000): Promise<void> {
    if (isSo(this)) return
    const done = Promise.withResolvers<void>()
    const look = (): void => {
      if (isSo(this)) done.resolve()
    }
    this.#watchers.add(look)
    const timer = setTimeout(
      () => done.reject(new Error(`${this.name}: ${what}: not after ${deadlineMs} ms; ${this.#tale()}`)),
      deadlineMs,
    )
    try {
      await done.promise
    } finally {
      clearTimeout(timer)
      this.#watchers.delete(look)
    }
  }

  /** Plays by itself from now on, thinking so long about each move. Another call changes the pace. */
  async play(moves: readonly string[], thinkMs = 0): Promise<void> {
    await this.#host.ask(this.name, { do: 'play', moves, thinkMs })
  }

  /** Counts over a stream to another player, who counts back. */
  async count(peer: string): Promise<void> {
    await this.#host.ask(this.name, { do: 'count', with: peer })
  }

  /** Ends its streams in order; then what came of them. */
  async stopCounting(): Promise<CountResult> {
    return (await this.#host.ask(this.name, { do: 'stop counting' })) as CountResult
  }

  /** Sizes of everything in its peer. */
  stats(): Promise<unknown> {
    return this.#host.ask(this.name, { do: 'stats' })
  }

  /** Goes, and answers what it needs to come back. */
  async leave(): Promise<{ seatKey: string; records: string[] }> {
    this.#host.forget(this.name)
    return (await this.#host.ask(this.name, { do: 'leave' })) as { seatKey: string; records: string[] }
  }

  #tale(): string {
    const { phase, ply, outcome } = this.view ?? { phase: 'none', ply: 0, outcome: null }
    const links = [...this.links.values()].map(({ kind, state, reason }) => `${kind} (${state}): ${reason}`)
    const recent = this.history
      .slice(-12)
      .map(
        each =>
          `  +${Math.round(each.at - this.arrivedAt)} ${JSON.stringify({ ...each, at: undefined, player: undefined })}`,
      )
    return `peer ${this.state}, game ${phase} at ${ply} (${outcome}), links ${links.join('; ') || 'none'}\n${recent.join('\n')}`
  }
}
