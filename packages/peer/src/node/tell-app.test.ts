import type { Connection } from '@libp2p/interface'
import type { AppId } from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { openMesh, record, until } from '../../test-support/mesh.ts'
import { type TestRelay, startRelay } from '../../test-support/start-relay.ts'
import type { MeshPeer } from '../mesh-peer.ts'
import { tellApp } from './tell-app.ts'

interface Home {
  readonly relay: TestRelay
  readonly peer: MeshPeer
}

test('[B3] [N1] a relay serves its apps only: a peer of another one is refused, with the status', async () => {
  const mesh = openMesh()
  const relay = await startRelay({ apps: ['go'] })
  const [go, chess] = [await mesh.peer([relay.url], { app: 'go' }), await mesh.peer([relay.url], { app: 'chess' })]
  const changes = record(chess, 'relay:change')
  await until('go is served', () => go.relays.list()[0]?.state === 'reserved')
  await until('chess is refused', () => changes.some(({ change }) => change === 'refused'))
  expect(chess.relays.list()[0]?.reason).toBe('PERMISSION_DENIED')
  expect(relay.relay.stats().refusals).toMatchObject({ 'app/not-served': 1, 'circuit/app-not-served': 1 })
})

test('[B3] [N1] a peer that calls at another relay than its own tells its app there before it asks', async () => {
  const mesh = openMesh()
  const relays = [await startRelay(), await startRelay()]
  const homes = await Promise.all(
    relays.map(async relay => ({ relay, peer: await mesh.peer([relay.url], { app: 'go', webrtc: false }) })),
  )
  await until('both are ready', () => homes.every(({ peer }) => peer.state === 'ready'))
  // Of two, the one with the lower id dials.
  const [caller, callee] = homes.toSorted((a, b) => (a.peer.id < b.peer.id ? -1 : 1)) as [Home, Home]
  const accepted = Promise.withResolvers<string>()
  const { events, peerId } = callee.relay.relay
  events.addEventListener('circuit:accepted', ({ detail }) => accepted.resolve(detail.circuit.app))
  events.addEventListener('circuit:failed', ({ detail }) => accepted.resolve(detail.reason))
  const address = `/ip4/127.0.0.1/tcp/${callee.relay.port}/ws/p2p/${peerId}/p2p-circuit/p2p/${callee.peer.id}`
  caller.peer.book.see(callee.peer.id, [address])
  caller.peer.links.met(callee.peer.id, true)
  expect(await accepted.promise).toBe('go')
})

test('[B3] [N1] a relay that ends the stream without an answer is told again, one that answers is not', async () => {
  const outcomes = ['close', 'message', 'message']
  let told = 0
  const connection = {
    direction: 'outbound',
    direct: true,
    status: 'open',
    remoteAddr: { getComponents: () => [] },
    newStream() {
      const stream = new EventTarget()
      const outcome = outcomes[told] ?? 'message'
      told += 1
      return Promise.resolve(
        Object.assign(stream, {
          send: () => queueMicrotask(() => stream.dispatchEvent(new Event(outcome))),
          close: () => Promise.resolve(),
          abort() {},
        }),
      )
    },
  }
  await tellApp(connection as unknown as Connection, 'go' as AppId)
  expect(told).toBe(2)
})
