import { describe, expect, it } from 'vitest'

import { type Mesh, message, openMesh, read, until, stay } from '../../test-support/mesh.ts'
import { startStockRelay } from '../../test-support/start-stock-relay.ts'
import type { PeerOptions, Topic } from '../index.ts'
import type { MeshPeer } from '../mesh-peer.ts'

type Side = readonly [MeshPeer, Topic]

/** Two peers on one topic, who know each other's addresses; the relay tells nobody of anybody. */
async function introduce(mesh: Mesh, relay: string, options: Partial<PeerOptions>): Promise<readonly [Side, Side]> {
  const [a, b] = await mesh.pair([relay], options)
  await until('reserved', () => [a, b].every(peer => peer.relays.list()[0]?.state === 'reserved'))
  const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
  const circuit = `${relay}/p2p-circuit`
  await a.links.open(b.id, { addresses: [circuit, `${circuit}/webrtc`] })
  return [
    [a, topicA],
    [b, topicB],
  ]
}

const numbered = (value: number): Uint8Array => Uint8Array.of(value >> 8, value)

/** Collects the numbers that come. */
function readNumbers(topic: Topic): number[] {
  const seen: number[] = []
  void (async () => {
    for await (const { data } of topic) seen.push(((data[0] ?? 0) << 8) | (data[1] ?? 0))
  })()
  return seen
}

describe('with a stock relay, which routes no topics', () => {
  it('gossip flows over the circuit where direct lines are impossible, and the peers meet by it [C8]', async () => {
    const mesh = openMesh()
    const relay = await startStockRelay()
    const [[a, topicA], [b, topicB]] = await introduce(mesh, relay.address, { webrtc: false })
    const [readA, readB] = [read(topicA), read(topicB)]
    await until('met', () => topicA.peers.includes(b.id) && topicB.peers.includes(a.id))
    expect(await topicA.publish(message(1))).toEqual({ recipients: 1 })
    expect(await topicB.publish(message(2))).toEqual({ recipients: 1 })
    await until('both heard', () => readA.includes(2) && readB.includes(1))
    expect(a.links.get(b.id)).toMatchObject({ kind: 'relayed', state: 'relayed' })
  })

  it('gossip comes back when the circuits end and are opened again', async () => {
    const mesh = openMesh()
    const relay = await startStockRelay()
    const [[a, topicA], [b, topicB]] = await introduce(mesh, relay.address, { webrtc: false })
    const [readA, readB] = [read(topicA), read(topicB)]
    await until('met', () => topicA.peers.includes(b.id) && topicB.peers.includes(a.id))
    relay.cut()
    await until('noticed', () => a.links.get(b.id)?.state !== 'relayed')
    let byte = 10
    await until('heard both ways again', async () => {
      byte += 1
      await topicA.publish(message(byte))
      await topicB.publish(message(byte))
      return [readA, readB].every(seen => seen.some(value => value > 10))
    })
    expect(a.links.get(b.id)?.state).toBe('relayed')
  })

  it('a peer that sends a frame which nobody can read is heard again on a new stream', async () => {
    const mesh = openMesh()
    const relay = await startStockRelay()
    const [[a, topicA], [b, topicB]] = await introduce(mesh, relay.address, { webrtc: false })
    const [readA, readB] = [read(topicA), read(topicB)]
    await until('met', () => topicA.peers.includes(b.id) && topicB.peers.includes(a.id))
    const gossip = a
      .connectionsTo(b.id)
      .flatMap(({ streams }) => streams)
      .find(({ protocol, direction }) => protocol.startsWith('/meshsub/') && direction === 'outbound')
    // A length of 32 MiB.
    gossip?.send(Uint8Array.of(0x80, 0x80, 0x80, 0x10))
    await until('the stream has ended', () => gossip !== undefined && gossip.status !== 'open')
    await until('heard both ways again', async () => {
      await topicA.publish(message(21))
      await topicB.publish(message(21))
      return [readA, readB].every(seen => seen.includes(21))
    })
    expect(a.links.get(b.id)?.state).toBe('relayed')
  })

  it('gossip moves onto the direct line without losing a message, and stays when the circuit goes [C8]', async () => {
    const mesh = openMesh()
    const relay = await startStockRelay()
    const [[a, topicA], [b, topicB]] = await introduce(mesh, relay.address, {})
    const [readA, readB] = [readNumbers(topicA), readNumbers(topicB)]
    await until('both send', async () => {
      const sent = [await topicA.publish(numbered(0)), await topicB.publish(numbered(0))]
      return sent.every(({ recipients }) => recipients === 1)
    })
    // One message after the other, from before the direct line stands until after the circuit has gone.
    let sent = 0
    let after = 0
    const isSettled = (): boolean =>
      a.links.get(b.id)?.kind === 'direct' && a.connectionsTo(b.id).every(({ direct }) => direct)
    while (after < 10 && sent < 1_000) {
      sent += 1
      await Promise.all([topicA.publish(numbered(sent)), topicB.publish(numbered(sent))])
      await new Promise(resolve => setTimeout(resolve, 30))
      if (isSettled()) after += 1
    }
    expect(after).toBe(10)
    await until('the last came', () => [readA, readB].every(seen => seen.includes(sent)))
    const all = Array.from({ length: sent }, (_, index) => index + 1)
    for (const seen of [readA, readB]) expect(all.filter(value => !seen.includes(value))).toEqual([])
  })

  it('gossip falls back to a new circuit when the direct line breaks, and moves up again [C9]', async () => {
    const mesh = openMesh()
    const relay = await startStockRelay()
    const [[a, topicA], [b, topicB]] = await introduce(mesh, relay.address, {})
    const [readA, readB] = [read(topicA), read(topicB)]
    for (const round of [1, 2]) {
      const isDirect = (): boolean => a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct'
      await until(`direct, round ${round}`, isDirect)
      await until('no circuit left', () => a.stats().connections === 2 && b.stats().connections === 2)
      for (const connection of a.connectionsTo(b.id)) connection.abort(new Error('cut'))
      await until('broken', () => !isDirect())
      const seen = [readA.length, readB.length]
      await until('heard both ways again', async () => {
        await topicA.publish(message(round))
        await topicB.publish(message(round))
        return readA.length > (seen[0] ?? 0) && readB.length > (seen[1] ?? 0)
      })
    }
    await until('direct at last', () => a.links.get(b.id)?.kind === 'direct')
    expect(a.links.get(b.id)?.upgradeAttempts).toBeGreaterThanOrEqual(3)
  })
})
