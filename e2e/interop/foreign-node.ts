import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { EventLog } from './event-log.ts'
import {
  type CircuitLimit,
  type Echoed,
  type HandCounts,
  type InteropNode,
  type NodeEvent,
  NodeRefusal,
  type Reserved,
  type StartOptions,
} from './node.ts'

type Answer = { readonly id: number; readonly ok?: unknown; readonly error?: { message: string; status?: string } }

const stopTimeoutMs = 5_000

/**
 * A node of another implementation, in a process of its own. It is told what to do on stdin, `{ id, do, with }` a line, and answers on
 * stdout `{ id, ok }` or `{ id, error: { message, status } }`; what it tells unasked is a {@link NodeEvent}.
 */
export class ForeignNode implements InteropNode {
  readonly #child: ChildProcess
  readonly #events = new EventLog()
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #log: string[] = []
  #lastId = 0
  peer = ''
  addresses: readonly string[] = []

  private constructor(program: string) {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', line => this.#read(line))
    createInterface({ input: child.stderr }).on('line', line => {
      this.#log.push(line)
      if (this.#log.length > 50) this.#log.shift()
    })
    child.on('error', error => this.#end(error))
    child.on('exit', code => this.#end(new Error(`${program} ended with ${code}\n${this.#log.join('\n')}`)))
    // A process that has gone is told so by its exit.
    child.stdin.on('error', () => {})
  }

  static async start(program: string, options: StartOptions = {}): Promise<ForeignNode> {
    const node = new ForeignNode(program)
    const told = await node.#ask<{ peer: string; addresses: string[] }>('start', { listen: [], ...options })
    node.peer = told.peer
    node.addresses = told.addresses
    return node
  }

  async dial(address: string): Promise<void> {
    await this.#ask('dial', { address })
  }

  reserve(relay: string): Promise<Reserved> {
    return this.#ask('reserve', { address: relay })
  }

  connect(address: string): Promise<{ limit: CircuitLimit | null }> {
    return this.#ask('connect', { address })
  }

  async hangUp(peer: string): Promise<void> {
    await this.#ask('hangUp', { peer })
  }

  echo(peer: string, bytes: number): Promise<Echoed> {
    return this.#ask('echo', { peer, bytes })
  }

  async join(topic: string): Promise<void> {
    await this.#ask('join', { topic })
  }

  async publish(topic: string, text: string): Promise<void> {
    await this.#ask('publish', { topic, text })
  }

  heard<Name extends NodeEvent['event']>(
    name: Name,
    fits?: (event: Extract<NodeEvent, { event: Name }>) => boolean,
    timeoutMs?: number,
  ): Promise<Extract<NodeEvent, { event: Name }>> {
    return this.#events.find(name, fits, timeoutMs)
  }

  /** Sends bytes on a HOP stream, and answers the status that comes back. Of go only. */
  async hop(relay: string, message: Uint8Array): Promise<string> {
    const { status } = await this.#ask<{ status: string }>('ask', {
      address: relay,
      hex: Buffer.from(message).toString('hex'),
    })
    return status
  }

  /** Answers circuits by hand from now on; each is told as an event when it has ended. Of go only. */
  async acceptByHand(options: { send?: number; refuse?: string }): Promise<void> {
    await this.#ask('acceptByHand', options)
  }

  /** Opens a circuit, sends so many plain bytes, and reads until it ends. Of go only. */
  connectByHand(
    relay: string,
    peer: string,
    send = 0,
  ): Promise<{ status: string; limit: CircuitLimit | null } & Partial<HandCounts>> {
    return this.#ask('connectByHand', { address: relay, peer, send })
  }

  /** What its process has used so far, and holds after a collection of garbage. Of go only, on Linux. */
  used(): Promise<{ readonly cpuMs: number; readonly rssBytes: number }> {
    return this.#ask('used', {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    const ended = once(child, 'exit')
    child.stdin?.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    await ended
    clearTimeout(timer)
  }

  #ask<Told>(what: string, args: object): Promise<Told> {
    const id = ++this.#lastId
    const answer = Promise.withResolvers<unknown>()
    this.#asked.set(id, answer)
    this.#child.stdin?.write(`${JSON.stringify({ id, do: what, with: args })}\n`)
    return answer.promise as Promise<Told>
  }

  #read(line: string): void {
    const told = JSON.parse(line) as Answer | NodeEvent
    if ('event' in told) return this.#events.add(told)
    const answer = this.#asked.get(told.id)
    this.#asked.delete(told.id)
    if (told.error === undefined) answer?.resolve(told.ok)
    else answer?.reject(new NodeRefusal(told.error.message, told.error.status))
  }

  #end(reason: Error): void {
    for (const { reject } of this.#asked.values()) reject(reason)
    this.#asked.clear()
    this.#events.end(reason)
  }
}
