import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { defaultLimits } from '@tsugi/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type HonestPair, startHonestPair } from '../../test-support/honest-pair.ts'
import { type RawPeer, connectTo, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { type TestRelay, until } from '../../test-support/start-relay.ts'
import { startStockClient } from '../../test-support/stock-client.ts'
import { hopMessage } from '../circuit/circuit-messages.ts'
import { hopProtocol } from '../circuit/hop-protocol.ts'

const stage = createStage()

interface Scene {
  readonly started: TestRelay
  readonly honest: HonestPair
  readonly attacker: RawPeer
}

async function scene(config?: Parameters<typeof stage.relay>[0]): Promise<Scene> {
  const started = await stage.relay(config)
  const honest = await startHonestPair(stage, started)
  const attacker = await startRawPeer(started.address)
  stage.defer(() => attacker.stop())
  return { started, honest, attacker }
}

/** The attacker leaves; the answer is what the relay still holds. */
async function leave({ honest, attacker }: Scene): Promise<object> {
  await honest.talk()
  await attacker.stop()
  await honest.talk()
  return honest.settled()
}

/** Streams beyond those that one connection may have are reset: an answer too. */
const orReset = (answer: Promise<{ status?: string }>): Promise<string> =>
  answer.then(
    ({ status = '' }) => status,
    () => 'reset',
  )

/** Asks 300 times, 15 at once; counts the answers. */
async function flood(ask: () => Promise<{ status?: string }>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let wave = 0; wave < 20; wave += 1) {
    for (const status of await Promise.all(times(15, () => orReset(ask())))) counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

describe('[B7] requests of one peer, by the hundred', () => {
  test('reservations: it holds one, the rest is refused, and says why', async () => {
    const here = await scene()
    const begun = Date.now()
    const answers = await flood(() => here.attacker.reserve())
    // What stood to its credit, and what came to it while it asked, however slow this machine is.
    const { peerHopRequestsPerSecond, peerCircuits } = defaultLimits
    const credit = 4 * Math.max(peerHopRequestsPerSecond, peerCircuits)
    const earned = (peerHopRequestsPerSecond * (Date.now() - begun)) / 1_000
    expect(answers['OK']).toBeLessThanOrEqual(credit + earned + 1)
    expect(here.started.relay.stats().refusals['circuit/rate']).toBe(answers['RESERVATION_REFUSED'])
    expect(here.started.relay.stats().circuits.reservations).toBe(2)
    expect(await leave(here)).toEqual(here.honest.before)
  })

  test('circuits to peers that are not there: refused, and nothing is kept of them', async () => {
    const here = await scene()
    const absent = await startStockClient()
    await absent.stop()
    const answers = await flood(() => here.attacker.ask(connectTo(absent.peerId)))
    const { refusals } = here.started.relay.stats()
    expect(refusals['circuit/no-reservation']).toBe(answers['NO_RESERVATION'])
    expect(refusals['circuit/rate']).toBe(answers['RESOURCE_LIMIT_EXCEEDED'])
    expect(await leave(here)).toEqual(here.honest.before)
  })

  test('streams opened for a request and abandoned: so many at once, gone with their connection', async () => {
    const here = await scene()
    const opened = await Promise.allSettled(times(300, () => here.attacker.hop()))
    // Protocol negotiation ends before the relay counts; those that are too many are reset a moment later.
    const streams = opened.flatMap(each => (each.status === 'fulfilled' ? [each.value.stream] : []))
    await until('the relay has reset the rest', () => streams.filter(isOpen).length <= 5 + 32)
    expect(await leave(here)).toEqual(here.honest.before)
  })

  test('whatever bytes come as a request: an answer or an end, and the next honest request is answered', async () => {
    const here = await scene()
    const request = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 100 }).map(bytes => Uint8Array.of(bytes.length, ...bytes)),
      fc.tuple(fc.nat(40), fc.nat(255)).map(([at, byte]) => {
        const message = hopMessage.encode(connectTo(here.attacker.peerId))
        message[at % message.length] = byte
        return Uint8Array.of(message.length, ...message)
      }),
    )
    await fc.assert(
      fc.asyncProperty(request, async bytes => {
        const { stream } = await here.attacker.hop()
        const answered = ended(stream)
        stream.send(bytes)
        await stream.close()
        await answered
      }),
      { numRuns: 150 },
    )
    const { refusals } = here.started.relay.stats()
    expect(refusals['circuit/malformed']).toBeGreaterThan(50)
    expect(await leave(here)).toEqual(here.honest.before)
  })
})

describe('[A12] [B7] somebody who never reads', () => {
  test('on five circuits: the relay holds at most their ceilings, and the others talk on', async () => {
    const here = await scene({ limits: { circuitBufferBytes: 1_000_000, peerHopRequestsPerSecond: 100 } })
    const { started, honest, attacker } = here
    await attacker.reserve()
    const callers: Array<{ readonly caller: RawPeer; readonly stream: Stream }> = []
    for (let index = 0; index < 5; index += 1) {
      const caller = await startRawPeer(started.address)
      stage.defer(() => caller.stop())
      const accepted = attacker.accepted()
      const { stream } = await caller.connect(attacker)
      const far = await accepted
      callers.push({ caller, stream })
      far.stream.pause()
      // What the window lets through is all that ever leaves.
      stream.send(new Uint8Array(3_000_000))
    }
    let highest = 0
    for (let turn = 0; turn < 20; turn += 1) {
      await honest.talk()
      highest = Math.max(highest, started.relay.stats().circuits.bufferedBytes)
    }
    expect(highest).toBeGreaterThan(0)
    expect(highest).toBeLessThanOrEqual(5 * 1_000_000)
    for (const { caller, stream } of callers) {
      // A stock client that stops with unsent bytes leaves its WebSocket open.
      stream.abort(new Error('enough'))
      await caller.stop()
    }
    expect(await leave(here)).toEqual(honest.before)
  })
})

describe('[B7] everything else that a peer can ask for', () => {
  test('thousands of topics: it gets what a peer may have, and they go with it', async () => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const attacker = await stage.guest(started.address)
    attacker.services.pubsub.subscribe('/tsugi/1/x/first')
    await until('its subscriptions arrive', () => started.relay.stats().gossip.topics === 1)
    for (let index = 0; index < 3_000; index += 1) attacker.services.pubsub.subscribe(`/tsugi/1/x/${index}`)
    await until('it has been refused', () => (started.relay.stats().refusals['topic/peer-limit'] ?? 0) > 0)
    await honest.talk()
    expect(started.relay.stats().gossip.topics).toBeLessThanOrEqual(20)
    await attacker.stop()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test('pings by the ten thousand, on as many streams as it gets', async () => {
    const here = await scene()
    const { connection } = here.attacker
    const opened = await Promise.allSettled(
      times(20, () => connection.newStream('/ipfs/ping/1.0.0', { maxOutboundStreams: 20 })),
    )
    const streams = opened.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
    const ping = new Uint8Array(32)
    for (let turn = 0; turn < 1_000; turn += 1) {
      for (const stream of streams.filter(isOpen)) stream.send(ping)
      if (turn % 50 === 0) await here.honest.talk()
    }
    expect(await leave(here)).toEqual(here.honest.before)
  })

  test('connections opened and dropped by the hundred: slowed down by its address’s rate, and nothing is left', async () => {
    const started = await stage.relay({ limits: { addressJoinsPerSecond: 2 } })
    const honest = await startHonestPair(stage, started)
    const client = await startStockClient()
    stage.defer(() => client.stop())
    for (let turn = 0; turn < 100; turn += 1) {
      await client.dial(multiaddr(started.address)).then(
        connection => connection.abort(new Error('bye')),
        () => {},
      )
    }
    await honest.talk()
    expect(started.relay.stats().refusals['address/joins']).toBeGreaterThan(0)
    expect(await honest.settled()).toEqual(honest.before)
  })

  test('a request over a circuit is refused: nobody chains relays through this one', async () => {
    const { address, relay } = await stage.relay()
    const [listener, caller] = [await stage.reserved(address), await stage.guest(address)]
    const connection = await caller.dial(multiaddr(`${address}/p2p-circuit/p2p/${listener.peerId.toString()}`))
    await expect(connection.newStream(hopProtocol, { runOnLimitedConnection: true })).rejects.toThrow(/negotiate/)
    expect(relay.stats().circuits.circuits).toBe(1)
  })
})

function isOpen(stream: Stream): boolean {
  return stream.status === 'open'
}

function ended(stream: Stream): Promise<void> {
  return new Promise(resolve => {
    stream.addEventListener('message', () => {})
    stream.addEventListener('remoteCloseWrite', () => resolve())
    stream.addEventListener('close', () => resolve())
  })
}
