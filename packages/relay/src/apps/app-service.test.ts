import { multiaddr } from '@multiformats/multiaddr'
import { type AppId, appProtocol, encodeAppMessage } from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { type RawPeer, collect, connectTo, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import { hopMessage } from '../circuit/circuit-messages.ts'
import { hopProtocol } from '../circuit/hop-protocol.ts'
import { createMessageStream } from '../circuit/message-stream.ts'

const stage = createStage()

async function rawPeer(address: string, app?: string): Promise<RawPeer> {
  const peer = await startRawPeer(address)
  stage.defer(() => peer.stop())
  if (app !== undefined) await peer.tell(app)
  return peer
}

test('[B3] [N4] a circuit between two apps is refused, whoever asks, and counted', async () => {
  const { address, relay } = await stage.relay()
  const [go, chess, stock] = [await rawPeer(address, 'go'), await rawPeer(address, 'chess'), await rawPeer(address)]
  for (const peer of [go, chess, stock]) expect((await peer.reserve()).status).toBe('OK')
  const answers: Array<string | undefined> = []
  for (const from of [go, chess, stock]) {
    for (const to of [go, chess, stock].filter(each => each !== from)) {
      answers.push((await from.ask(connectTo(to.peerId))).status)
    }
  }
  expect(answers).toEqual(Array.from({ length: 6 }, () => 'PERMISSION_DENIED'))
  expect(relay.stats().refusals).toEqual({ 'circuit/other-app': 6 })
})

test('[B3] circuits stand within an app, and between stock peers, which belong to the default one', async () => {
  const { address, relay } = await stage.relay()
  const apps: string[] = []
  relay.events.addEventListener('circuit:accepted', ({ detail }) => apps.push(detail.circuit.app))
  for (const app of ['go', undefined]) {
    const [target, caller] = [await rawPeer(address, app), await rawPeer(address, app)]
    await target.reserve()
    await caller.connect(target)
  }
  const [listener, guest] = [await stage.reserved(address), await stage.guest(address)]
  await guest.dial(multiaddr(`${address}/p2p-circuit/p2p/${listener.peerId.toString()}`))
  expect(apps).toEqual(['go', 'default', 'default'])
})

test('[N3] a peer that changes its app loses the circuits that would cross, not its reservation', async () => {
  const { address, relay } = await stage.relay()
  const closed: string[] = []
  relay.events.addEventListener('circuit:closed', ({ detail }) => closed.push(detail.reason))
  const [target, caller] = [await rawPeer(address, 'go'), await rawPeer(address, 'go')]
  await target.reserve()
  const accepted = target.accepted()
  const { stream } = await caller.connect(target)
  const { stream: far } = await accepted
  expect(await target.tell('go')).toBe('OK')
  expect(relay.stats().circuits.circuits).toBe(1)
  const ends = [collect(stream).ended, collect(far).ended]
  expect(await target.tell('chess')).toBe('OK')
  await Promise.all(ends)
  await Promise.all([stream.close(), far.close()])
  await until('it is closed', () => closed.length === 1)
  expect(closed).toEqual(['other-app'])
  expect((await caller.ask(connectTo(target.peerId))).status).toBe('PERMISSION_DENIED')
  expect(await caller.tell('chess')).toBe('OK')
  await caller.connect(target)
})

test('[N2] [N3] what is malformed, too long or silent is refused and changes nothing', async () => {
  const { address, relay } = await stage.relay()
  const [peer, friend] = [await rawPeer(address, 'go'), await rawPeer(address, 'go')]
  await friend.reserve()
  const raw = (text: string): Uint8Array => encodeAppMessage(text as AppId)
  const long = new Uint8Array(1_030).fill(97)
  long.set([0x80 | (1_028 & 0x7f), 1_028 >> 7])
  for (const bytes of [
    raw(''),
    raw('Go'),
    raw('a'.repeat(64)),
    raw('a b'),
    Uint8Array.of(0),
    Uint8Array.of(1, 255),
    long,
  ]) {
    expect(await peer.tell(bytes)).toBe('MALFORMED_MESSAGE')
  }
  expect(relay.stats().refusals).toEqual({ 'app/malformed': 7 })
  await peer.connect(friend)
})

test('--apps: an app that is not on the list gets neither reservations nor circuits; stock peers neither', async () => {
  const { address, relay } = await stage.relay({ apps: ['go'] })
  const [go, chess, stock] = [await rawPeer(address, 'go'), await rawPeer(address), await rawPeer(address)]
  expect((await go.reserve()).status).toBe('OK')
  expect(await chess.tell('chess')).toBe('PERMISSION_DENIED')
  for (const peer of [chess, stock]) {
    expect((await peer.reserve()).status).toBe('PERMISSION_DENIED')
    expect((await peer.ask(connectTo(go.peerId))).status).toBe('PERMISSION_DENIED')
  }
  expect(relay.stats().refusals).toMatchObject({ 'app/not-served': 1, 'circuit/app-not-served': 4 })
})

test('[N4] a request waits for the app that is being told on its connection', async () => {
  const { address } = await stage.relay({ apps: ['go'] })
  const peer = await rawPeer(address)
  const stream = await peer.connection.newStream(appProtocol)
  const reserved = peer.reserve()
  // Whatever the relay wanted to say without waiting would be here after this round trip.
  await peer.ask({ type: 'STATUS' })
  stream.send(encodeAppMessage('go' as AppId))
  expect((await reserved).status).toBe('OK')
})

test('[N3] an app is forgotten with its peer’s last connection', async () => {
  const { address, relay } = await stage.relay()
  const [peer, friend] = [await rawPeer(address, 'go'), await rawPeer(address, 'go')]
  await friend.reserve()
  await peer.node.hangUp(peer.connection.remotePeer)
  await until('it is gone', () => relay.stats().peers === 1)
  const again = await peer.node.dial(multiaddr(address))
  const stream = await again.newStream(hopProtocol)
  const refused = new Promise<string>(resolve => {
    relay.events.addEventListener('circuit:failed', ({ detail }) => resolve(detail.reason))
  })
  await createMessageStream(stream, hopMessage).write(connectTo(friend.peerId), AbortSignal.timeout(5_000))
  expect(await refused).toBe('other-app')
})
