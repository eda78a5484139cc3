import { describe, expect, it } from 'vitest'

import { message, openMesh, read, record, until, stay } from '../../test-support/mesh.ts'
import { startRelayProcess } from '../../test-support/relay-process.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import type { MeshPeer } from '../mesh-peer.ts'

const stateAt = (peer: MeshPeer, url: string): string | undefined =>
  peer.relays.list().find(relay => relay.url === url)?.state

describe('a relay that is frozen', () => {
  it('is replaced while its line still stands, and is one too many when it answers again [B10]', async () => {
    const mesh = openMesh()
    const frozen = await startRelayProcess()
    const other = await startRelay()
    const [black, white] = await mesh.pair([frozen.url], { slots: 1, webrtc: false })
    await until('ready', () => black.state === 'ready' && white.state === 'ready')
    for (const peer of [black, white]) peer.relays.add(other.url)
    const [topicB, topicW] = [await stay(black, 'game'), await stay(white, 'game')]
    const readW = read(topicW)
    await until('they see each other', () => topicB.peers.length === 1 && topicW.peers.length === 1)
    await until('over the relay', () => [black, white].every(peer => peer.links.list()[0]?.kind === 'relayed'))
    const changes = record(black, 'relay:change')
    const offline = record(black, 'offline')
    frozen.freeze()
    try {
      await until('replaced', () => [black, white].every(peer => stateAt(peer, other.url) === 'reserved'))
      const told = changes.map(({ change, relay }) => `${change} ${relay.url === other.url ? 'other' : 'frozen'}`)
      expect(told.filter(change => change !== 'connecting other')).toEqual(['silent frozen', 'reserved other'])
      expect(black.relays.list()[0]).toMatchObject({ state: 'reserved', reason: 'it does not answer' })
      await until('black is heard', async () => {
        await topicB.publish(message(1))
        return readW.includes(1)
      })
    } finally {
      frozen.thaw()
    }
    const held = (peer: MeshPeer): number => peer.stats().relays.reserved
    await until('one slot each', () => held(black) === 1 && held(white) === 1, 120_000)
    await until('still heard', async () => {
      await topicB.publish(message(2))
      return readW.includes(2)
    })
    expect(offline).toEqual([])
  }, 150_000)
})
