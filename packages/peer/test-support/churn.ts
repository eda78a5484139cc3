import { startPeer } from '../src/create-peer.ts'
import type { MeshPeer } from '../src/mesh-peer.ts'
import { collectGarbage } from './collect-garbage.ts'

/** How much comes and goes, in how many waves. */
export interface ChurnOptions {
  readonly relay: string
  readonly waves: number
  /** In each wave: peers that come, are met, and go. */
  readonly peers: number
  /** In each wave: topics that are joined and left. */
  readonly topics: number
  /** In each wave: links that are opened and closed by hand. */
  readonly links: number
  readonly webrtc: boolean
  readonly onWave?: (wave: ChurnWave) => void
}

/** How things stood after one wave. */
export interface ChurnWave {
  readonly heapBytes: number
  /** The most at once during the wave, and what was left after it. */
  readonly most: ChurnSizes
  readonly left: ChurnSizes
}

/** Sizes of the peer that stays. */
export interface ChurnSizes {
  readonly connections: number
  readonly links: number
  readonly topics: number
  readonly book: number
  readonly stored: number
  readonly gossipPeers: number
  readonly gossipTopics: number
  readonly tasks: number
}

/**
 * Every task of a peer that holds a slot, sits on one topic, and has nothing to do. Whatever else runs was begun for somebody, and must end when they have
 * gone.
 */
export const standingTasks: readonly string[] = [
  'relays/reservations',
  'relays/look for relays',
  'relays/look for a nearer relay',
  'relays/relay/keep',
  'relays/relay/expiring',
  'links/sweep',
  'topics/sweep',
  'topics/messages',
  'topics/subscriptions',
  'topics/rooms',
  'topics/lobby/here',
  'topics/lobby/presence sweep',
  'lines/ping',
  'node/opened',
  'node/closed',
  'node/addresses',
  'node/sweep',
  'node/clock',
]

/** How many peers are there at once, and how many topics are joined at once. */
const peersAtOnce = 5
const topicsAtOnce = 5
const patienceMs = 60_000
/** People who left may come back for 10 s; here nobody does. */
const quickFarewell = { farewellMs: 300, sweepMs: 100 }

/** Lets peers, topics and links come and go past one peer that stays. */
export async function churn(options: ChurnOptions): Promise<ChurnWave[]> {
  const { relay, webrtc } = options
  const start = (): Promise<MeshPeer> =>
    startPeer({ app: 'churn', relays: [relay], identity: 'memory', webrtc }, { links: quickFarewell })
  const stays = await start()
  const lobby = await stays.topics.join('lobby')
  const other = await start()
  const waves: ChurnWave[] = []
  try {
    await until('ready', () => stays.state === 'ready' && other.relays.list()[0]?.state === 'reserved')
    const address = other.relays.list()[0]
    const hop = `/ip4/127.0.0.1/tcp/${new URL(relay).port}/ws/p2p/${address?.peerId}/p2p-circuit`
    for (let wave = 0; wave < options.waves; wave += 1) {
      let most = sizesOf(stays)
      const look = (): void => void (most = larger(most, sizesOf(stays)))
      for (let come = 0; come < options.peers; come += peersAtOnce) await passBy(stays, start, look)
      for (let joined = 0; joined < options.topics; joined += topicsAtOnce) {
        const names = Array.from({ length: topicsAtOnce }, (_, index) => `wave ${wave} topic ${joined + index}`)
        const handles = await Promise.all(names.map(name => stays.topics.join(name.replaceAll(' ', '-'))))
        look()
        await Promise.all(handles.map(handle => handle.leave()))
      }
      for (let opened = 0; opened < options.links; opened += 1) {
        await stays.links.open(other.id, { addresses: [hop, `${hop}/webrtc`], timeoutMs: patienceMs })
        look()
        await stays.links.close(other.id)
      }
      await until('nobody left', () => lobby.peers.length === 0 && stays.links.list().length === 0)
      await until('one connection', () => stays.stats().connections === 1)
      await until('only what stands runs', () => isStanding(stays))
      stays.book.removeMany(stays.book.list().map(({ peer }) => peer))
      await stays.sweep()
      await collectGarbage()
      const done = { heapBytes: process.memoryUsage().heapUsed, most, left: sizesOf(stays) }
      waves.push(done)
      options.onWave?.(done)
    }
  } finally {
    await Promise.all([stays.stop(), other.stop()])
  }
  return waves
}

/** The least-squares slope of the heap over the waves, in bytes a wave; the first waves, in which code is compiled, do not count. */
export function heapGrowth(waves: readonly ChurnWave[], skip: number): number {
  const counted = waves.slice(skip).map(({ heapBytes }) => heapBytes)
  const middle = (counted.length - 1) / 2
  const mean = counted.reduce((sum, bytes) => sum + bytes, 0) / counted.length
  const above = counted.reduce((sum, bytes, at) => sum + (at - middle) * (bytes - mean), 0)
  return above / counted.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
}

async function passBy(stays: MeshPeer, start: () => Promise<MeshPeer>, look: () => void): Promise<void> {
  const guests = await Promise.all(Array.from({ length: peersAtOnce }, start))
  await Promise.all(guests.map(guest => guest.topics.join('lobby')))
  await until('met', () => guests.every(({ id }) => stays.book.get(id) !== undefined))
  look()
  await Promise.all(guests.map(guest => guest.stop()))
}

function isStanding(peer: MeshPeer): boolean {
  const names = peer.tasks().map(({ name }) => name)
  return names.toSorted().join() === standingTasks.toSorted().join()
}

function sizesOf(peer: MeshPeer): ChurnSizes {
  const { connections, links, topics, book, gossip, tasks } = peer.stats()
  return {
    connections,
    links: links.total,
    topics: topics.joined,
    book: book.peers,
    stored: book.stored,
    gossipPeers: gossip.peers,
    gossipTopics: gossip.topics,
    tasks,
  }
}

function larger(a: ChurnSizes, b: ChurnSizes): ChurnSizes {
  const names = Object.keys(a) as (keyof ChurnSizes)[]
  return Object.fromEntries(names.map(name => [name, Math.max(a[name], b[name])])) as unknown as ChurnSizes
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`did not come true in ${patienceMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
