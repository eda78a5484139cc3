import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { startPeer } from '../src/create-peer.ts'
import type { JoinOptions, PeerEvents, PeerOptions, Topic, TopicMessage } from '../src/index.ts'
import type { LinkTiming } from '../src/links/link-timing.ts'
import type { MeshPeer } from '../src/mesh-peer.ts'
import type { TopicTiming } from '../src/topics/topics.ts'

/** Waits as short as a machine's own network allows. */
const quickLinks: Partial<LinkTiming> = {
  graceMs: 300,
  retryCircuit: { firstMs: 100, maxMs: 1_000 },
  retryUpgrade: { firstMs: 200, maxMs: 1_000 },
  farewellMs: 500,
  unsettledMs: 10_000,
  sweepMs: 100,
}

/** Everything that a test starts, ended together. */
export class Mesh {
  readonly #parts: { end(): Promise<unknown> }[] = []

  /** A peer in memory. */
  async peer(
    relays: string[],
    options: Partial<PeerOptions> = {},
    links: Partial<LinkTiming> = {},
    topics: Partial<TopicTiming> = {},
  ): Promise<MeshPeer> {
    const peer = await startPeer(
      { app: 'test', relays, identity: 'memory', ...options },
      { links: { ...quickLinks, ...links }, topics },
    )
    this.own(() => peer.stop())
    return peer
  }

  /** Two peers, the first of which is the one that dials by rule. */
  async pair(relays: string[], options: Partial<PeerOptions> = {}): Promise<[MeshPeer, MeshPeer]> {
    const [a, b] = [await this.peer(relays, options), await this.peer(relays, options)]
    return a.id < b.id ? [a, b] : [b, a]
  }

  /** For a relay that keeps its identity across restarts. */
  async directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'tsugi-peer-'))
    this.own(() => rm(path, { recursive: true }))
    return path
  }

  own(end: () => Promise<unknown>): void {
    this.#parts.push({ end })
  }

  async end(): Promise<void> {
    for (const part of this.#parts.splice(0).toReversed()) await part.end()
  }
}

/** A mesh that ends with its test. */
export function openMesh(): Mesh {
  const mesh = new Mesh()
  onTestFinished(() => mesh.end())
  return mesh
}

/** What is held until the test that joined has finished. */
const held = new Set<Topic>()

/** Joins, and stays: a handle that a test no longer mentions would be collected, and its topic left. */
export async function stay(peer: MeshPeer, name: string, options?: JoinOptions): Promise<Topic> {
  const topic = await peer.topics.join(name, options)
  held.add(topic)
  onTestFinished(() => void held.delete(topic))
  return topic
}

/** Waits until something holds, and fails with `what` after a while. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come true in ${timeoutMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** Collects the details of one kind of event. */
export function record<Type extends keyof PeerEvents>(peer: MeshPeer, type: Type): PeerEvents[Type][] {
  const seen: PeerEvents[Type][] = []
  peer.addEventListener(type, ({ detail }) => seen.push(detail))
  return seen
}

/** Collects the first byte of each message that a topic's reader gets. */
export function read(topic: Topic): number[] {
  const seen: number[] = []
  void (async () => {
    for await (const { data } of topic) seen.push(data[0] ?? -1)
  })()
  return seen
}

/** A message of one byte. */
export function message(byte: number): Uint8Array {
  return Uint8Array.of(byte)
}

/** Reads a topic until it ends, or until so many messages have come. */
export async function collect(
  topic: AsyncIterable<TopicMessage>,
  count = Number.POSITIVE_INFINITY,
): Promise<TopicMessage[]> {
  const messages: TopicMessage[] = []
  for await (const message of topic) {
    messages.push(message)
    if (messages.length >= count) break
  }
  return messages
}
