import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { BenchRelay, BenchTransport } from './bench-relay.ts'
import type { Holding, Question, RelayAddresses } from './relay-process.ts'

/** Ours, and js-libp2p's own. */
export const relayKinds = ['stock', 'own'] as const
export type RelayKind = (typeof relayKinds)[number]

/** A relay in a process of its own. Ours runs with the settings that `tsugi-relay` gives itself, the stock one as Node comes. */
export class MeasuredRelay implements BenchRelay {
  readonly kind: RelayKind
  readonly addresses: RelayAddresses
  readonly #child: ChildProcess

  private constructor(kind: RelayKind, child: ChildProcess, addresses: RelayAddresses) {
    this.kind = kind
    this.#child = child
    this.addresses = addresses
  }

  /** @param nodeWithQuic - a Node that WebTransport's native part loads into; with it the relay listens for WebTransport too */
  static async start(
    kind: RelayKind,
    bytesPerSecond = Number.POSITIVE_INFINITY,
    nodeWithQuic?: string,
  ): Promise<MeasuredRelay> {
    const profile = process.env['PROFILE'] === kind ? ['--cpu-prof', '--cpu-prof-dir=.cache/profiles'] : []
    const words = [kind, `${bytesPerSecond}`, ...(nodeWithQuic === undefined ? [] : ['quic'])]
    const child = fork(join(import.meta.dirname, 'relay-process.ts'), words, {
      ...(nodeWithQuic !== undefined && { execPath: nodeWithQuic }),
      execArgv: [
        '--conditions=@tsugi/source',
        '--no-warnings',
        '--expose-gc',
        ...(kind === 'own' ? ['--max-semi-space-size=4'] : []),
        ...profile,
      ],
      env: { ...process.env, ...(kind === 'own' ? { MALLOC_ARENA_MAX: '2' } : {}) },
    })
    const [addresses] = (await once(child, 'message')) as [RelayAddresses]
    return new MeasuredRelay(kind, child, addresses)
  }

  addressOf(transport: BenchTransport): string {
    const { webSocket, webRtcDirect, webTransport } = this.addresses
    if (transport === 'webrtc-direct') return webRtcDirect
    if (transport === 'webtransport') return webTransport
    const id = /\/p2p\/\w+$/.exec(webRtcDirect)?.[0] ?? ''
    return `/ip4/127.0.0.1/tcp/${new URL(webSocket).port}/ws${id}`
  }

  /** CPU time that it has used so far. */
  cpuMs(): Promise<number> {
    return this.#ask('cpu') as Promise<number>
  }

  /** What it holds; the collection of garbage before it takes some of its time. */
  holding(): Promise<Holding> {
    return this.#ask('memory') as Promise<Holding>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#child.connected) return
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }

  async #ask(question: Question): Promise<unknown> {
    if (!this.#child.connected) throw this.#ended()
    this.#child.send(question)
    const answered = new AbortController()
    const { signal } = answered
    const gone = once(this.#child, 'disconnect', { signal }).then(
      () => Promise.reject(this.#ended()),
      () => undefined,
    )
    const answer = once(this.#child, 'message', { signal }) as Promise<[unknown]>
    try {
      return await Promise.race([answer.then(([first]) => first), gone])
    } finally {
      answered.abort()
    }
  }

  #ended(): Error {
    const { exitCode, signalCode } = this.#child
    return new Error(`The ${this.kind} relay has ended by itself: ${signalCode ?? `code ${exitCode}`}.`)
  }
}
