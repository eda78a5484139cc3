import { defaultLimits, meetMagic } from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { collect, openMesh, message, read, record, until, stay } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'

const relayed = { webrtc: false } as const

describe('topics', () => {
  it('carry the first message after joining at once, over the relay', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    expect(await topicA.publish(message(7))).toEqual({ recipients: 1 })
    const [first] = await collect(topicB, 1)
    expect(first).toMatchObject({ from: a.id, data: message(7) })
    expect(Math.abs(Date.now() - (first?.receivedAt ?? 0))).toBeLessThan(10_000)
  })

  it('tell who is there, who came and who left', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    const seen = record(a, 'topic:peers')
    const topicA = await stay(a, 'game')
    const topicB = await stay(b, 'game')
    await until('met', () => topicA.peers.includes(b.id) && topicB.peers.includes(a.id))
    expect(seen).toContainEqual({ topic: 'game', peers: [b.id], joined: [b.id], left: [] })
    expect(a.book.get(b.id)?.addresses.join()).toContain('/p2p-circuit')
    await topicB.leave()
    await until('left', () => topicA.peers.length === 0)
    expect(seen.at(-1)).toEqual({ topic: 'game', peers: [], joined: [], left: [b.id] })
  })

  it('are not announced by who does not want to meet', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    const topicA = await stay(a, 'game')
    const topicB = await stay(b, 'game', { meet: false })
    const readA = read(topicA)
    await until('b sees a', () => topicB.peers.includes(a.id))
    await topicB.publish(message(1))
    await until('heard', () => readA.includes(1))
    expect(topicA.peers).toEqual([])
    expect(b.links.list()).toEqual([])
  })

  it('give every handle every message, and are left with the last handle [C2]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    const topicA = await stay(a, 'game')
    const [one, two] = [await stay(b, 'game'), await stay(b, 'game')]
    expect(one.id).not.toBe(two.id)
    const [readOne, readTwo] = [read(one), read(two)]
    await topicA.publish(message(1))
    await until('both heard', () => readOne.includes(1) && readTwo.includes(1))
    await one.leave()
    await one.leave()
    expect(b.topics.list()).toEqual(['game'])
    await topicA.publish(message(2))
    await until('the other heard', () => readTwo.includes(2))
    expect(readOne).toEqual([1])
    await two.leave()
    expect(b.topics.list()).toEqual([])
    await topicA.leave()
    await until('the relay left too', () => relay.relay.stats().gossip.topics === 0)
  })

  it('can be left and joined again at once, by anybody, without a gap [C2]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    const topicA = await stay(a, 'game')
    await stay(b, 'game').then(topic => topic.leave())
    for (const round of [1, 2, 3]) {
      const topicB = await stay(b, 'game')
      const readB = read(topicB)
      expect((await topicA.publish(message(round))).recipients).toBe(1)
      await until(`round ${round}`, () => readB.includes(round), 2_000)
      const leaving = topicB.leave()
      const again = await stay(b, 'game')
      await leaving
      const readAgain = read(again)
      await topicA.publish(message(round + 10))
      await until(`round ${round} again`, () => readAgain.includes(round + 10), 2_000)
      await until('present', () => topicA.peers.includes(b.id))
      await again.leave()
    }
  })

  it('can be left and joined again over the direct line alone', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url])
    const topicA = await stay(a, 'game')
    const topicB = await stay(b, 'game')
    await until('direct', () => a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct')
    await until('gossip on it', () => a.stats().gossip.peers === 2 && b.stats().gossip.peers === 2)
    await relay.kill()
    await until('alone', () => a.stats().gossip.peers === 1 && b.stats().gossip.peers === 1)
    await topicB.leave()
    const again = await stay(b, 'game')
    const readAgain = read(again)
    // A learns of it a moment later; gossipsub's own backoff would keep B silent for 10 s.
    await until('A sends to B again', async () => (await topicA.publish(message(5))).recipients === 1, 8_000)
    await until('heard', () => readAgain.includes(5), 8_000)
    expect(a.links.get(b.id)?.kind).toBe('direct')
  })

  it('may be empty: then a message has no recipients', async () => {
    const mesh = openMesh()
    const peer = await mesh.peer([])
    const topic = await stay(peer, 'game')
    expect(await topic.publish(message(1))).toEqual({ recipients: 0 })
  })

  it('refuse what is no name, no message, or too much', async () => {
    const mesh = openMesh()
    const peer = await mesh.peer([], { limits: { peerGames: 1 } })
    await expect(peer.topics.join('a b')).rejects.toMatchObject({ code: 'topic/invalid-name' })
    for (const bufferSize of [0, 1.5, defaultLimits.queueLength + 1]) {
      await expect(peer.topics.join('roomy', { bufferSize })).rejects.toMatchObject({ code: 'peer/invalid-option' })
    }
    expect(peer.topics.list()).not.toContain('roomy')
    const topic = await stay(peer, 'game')
    await expect(topic.publish(new Uint8Array(64 * 1_024 + 1))).rejects.toMatchObject({
      code: 'topic/message-too-large',
    })
    await expect(topic.publish(meetMagic)).rejects.toMatchObject({ code: 'topic/reserved-prefix' })
    await stay(peer, 'chat')
    await expect(peer.topics.join('third')).rejects.toMatchObject({ code: 'topic/too-many' })
    await topic.leave()
    await expect(topic.publish(message(1))).rejects.toMatchObject({ code: 'topic/left' })
  })

  it('carry a message of the greatest size', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    await topicA.publish(new Uint8Array(64 * 1_024).fill(9))
    const [got] = await collect(topicB, 1)
    expect(got?.data.byteLength).toBe(64 * 1_024)
  })

  it('drop the oldest for a reader that does not keep up, and say so [C7]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const slow = record(b, 'slow')
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game', { bufferSize: 3 })]
    for (let byte = 1; byte <= 5; byte += 1) await topicA.publish(message(byte))
    await until('all came', () => topicB.stats.received === 5)
    expect(slow).toHaveLength(1)
    expect(slow[0]).toMatchObject({ topic: 'game', handle: topicB.id, reason: 'overflow' })
    await topicB.leave()
    const left = await collect(topicB)
    expect(left.map(({ data }) => data[0])).toEqual([3, 4, 5])
  })

  it('wait for a slow reader up to a ceiling, where that is wanted [C7]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const topicA = await stay(a, 'game')
    const topicB = await stay(b, 'game', { bufferSize: 3, overflow: 'wait' })
    for (let byte = 1; byte <= 9; byte += 1) await topicA.publish(message(byte))
    await until('all came', () => topicB.stats.received === 9)
    const first = await collect(topicB, 6)
    expect(first.map(({ data }) => data[0])).toEqual([1, 2, 3, 4, 5, 6])
    expect(topicB.stats.queue).toMatchObject({ length: 0, refused: 3 })
  })

  it('keep and hand on only what somebody here wants', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], relayed)
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const topicA = await stay(a, 'game')
    const even = await stay(b, 'game', { accept: ({ data }) => (data[0] ?? 0) % 2 === 0 })
    const small = await stay(b, 'game', { accept: ({ data }) => (data[0] ?? 0) < 4 })
    for (let byte = 1; byte <= 6; byte += 1) await topicA.publish(message(byte))
    const [evens, smalls] = await Promise.all([collect(even, 3), collect(small, 3)])
    expect(evens.map(({ data }) => data[0])).toEqual([2, 4, 6])
    expect(smalls.map(({ data }) => data[0])).toEqual([1, 2, 3])
    // 5 was wanted by nobody: it was not even received.
    expect(even.stats).toMatchObject({ received: 3, refused: 2 })
    expect(small.stats).toMatchObject({ received: 3, refused: 2 })
    expect(b.stats().topics).toMatchObject({ held: 0, queued: 0 })
  })

  it('refuse a message over 64 KiB before its signature is looked at, and count it', async () => {
    const mesh = openMesh()
    const relay = await startRelay({ limits: { gameMessageBytes: 128 * 1_024 } })
    const a = await mesh.peer([relay.url], { ...relayed, limits: { gameMessageBytes: 128 * 1_024 } })
    const b = await mesh.peer([relay.url], relayed)
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    await topicA.publish(new Uint8Array(64 * 1_024 + 1).fill(9))
    await topicA.publish(message(1))
    const [first] = await collect(topicB, 1)
    expect(first?.data).toEqual(message(1))
    expect(b.stats().topics.tooLarge).toBe(1)
  })

  it('never cross applications [B3]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const a = await mesh.peer([relay.url], { ...relayed, app: 'one' })
    const b = await mesh.peer([relay.url], { ...relayed, app: 'two' })
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    const readB = read(topicB)
    await topicA.publish(message(1))
    await until('two topics', () => relay.relay.stats().gossip.topics === 2)
    expect(topicA.peers).toEqual([])
    expect(readB).toEqual([])
  })
})
