import type { Connection } from '@libp2p/interface'
import { expect, it } from 'vitest'

import type { RelayTransport } from './relay-transport.ts'
import { TransportRace } from './transport-race.ts'

const relay = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE'
const other = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const addresses = [
  `/ip4/192.0.2.1/tcp/8080/ws/p2p/${relay}`,
  `/ip4/192.0.2.1/udp/8081/webrtc-direct/certhash/uEiD-lSkwf7olv3yoADNZSrnnzKwn-V6GW9ILOhBS80TZPA/p2p/${relay}`,
  `/ip4/192.0.2.1/udp/8082/quic-v1/webtransport/certhash/uEiD-lSkwf7olv3yoADNZSrnnzKwn-V6GW9ILOhBS80TZPA/p2p/${relay}`,
]

interface Attempt {
  readonly signal: AbortSignal
  resolve(connection: Connection): void
  reject(error: Error): void
}

const hour = 3_600_000
const limits = { knownRelays: 3, bookPeerTtlMs: 6 * hour }

/** A race whose attempts and head starts a test settles by hand. */
function createStage(start = 100 * hour) {
  const attempts = new Map<RelayTransport, Attempt>()
  const closed: string[] = []
  const forced: boolean[] = []
  let now = start
  let waiting: (() => void) | undefined
  const nameOf = (address: string): RelayTransport =>
    address.includes('/webtransport/') ? 'webtransport' : address.includes('/ws') ? 'websocket' : 'webrtc-direct'
  const race = new TransportRace({
    limits,
    dial(list, signal, { force }) {
      forced.push(force)
      for (const each of list) expect(each).not.toContain('/p2p/')
      return new Promise((resolve, reject) => {
        attempts.set(nameOf(list[0] ?? ''), { resolve, reject, signal })
      })
    },
    now: () => now,
    setTimeout(callback) {
      waiting = callback
      return () => {
        if (waiting === callback) waiting = undefined
      }
    },
  })
  return {
    race,
    attempts,
    closed,
    forced,
    begun: () => [...attempts.keys()],
    headStartOver: () => waiting?.(),
    isWaiting: () => waiting !== undefined,
    advance: (ms: number) => (now += ms),
    forget: () => attempts.clear(),
    /** A connection that stands by a transport. */
    stand(transport: RelayTransport, peer = relay): void {
      const close = async (): Promise<void> => void closed.push(transport)
      const connection = { remotePeer: { toString: () => peer }, close, abort: () => void closed.push(transport) }
      attempts.get(transport)?.resolve(connection as unknown as Connection)
    },
    fail: (transport: RelayTransport) => attempts.get(transport)?.reject(new Error(`${transport} failed`)),
  }
}
const signal = new AbortController().signal
const settle = () => new Promise(resolve => setImmediate(resolve))

it('gives WebTransport a head start, and takes whichever stands first', async () => {
  const stage = createStage()
  const dialled = stage.race.dial(addresses, signal)
  expect(stage.begun()).toEqual(['webtransport'])
  stage.headStartOver()
  expect(stage.begun()).toEqual(['webtransport', 'websocket'])
  stage.stand('websocket')
  expect((await dialled).remotePeer.toString()).toBe(relay)
  expect(stage.attempts.get('webtransport')?.signal.aborted).toBe(true)
  expect(stage.isWaiting()).toBe(false)
})

it('closes a connection that comes after the first', async () => {
  const stage = createStage()
  const dialled = stage.race.dial(addresses, signal)
  stage.headStartOver()
  stage.stand('websocket')
  await dialled
  stage.stand('webtransport')
  await settle()
  expect(stage.closed).toEqual(['webtransport'])
})

it('starts the next way at once when one fails, and says why when all have', async () => {
  const stage = createStage()
  const told = stage.race.dial(addresses, signal).catch((error: unknown) => error)
  for (const transport of ['webtransport', 'websocket', 'webrtc-direct'] as const) {
    expect(stage.begun().at(-1)).toBe(transport)
    stage.fail(transport)
    await settle()
  }
  expect(await told).toMatchObject({
    code: 'relay/unreachable',
    message: 'Tried webtransport, websocket, webrtc-direct: webtransport failed',
  })
})

it('remembers for a relay what worked, and tries last for ten minutes what did not', async () => {
  const stage = createStage()
  const dialled = stage.race.dial(addresses, signal)
  stage.fail('webtransport')
  await settle()
  stage.stand('websocket')
  await dialled
  expect(stage.race.order(addresses)).toEqual(['websocket', 'webrtc-direct', 'webtransport'])
  stage.advance(11 * 60_000)
  expect(stage.race.order(addresses)).toEqual(['websocket', 'webtransport', 'webrtc-direct'])
  // Another relay starts from the beginning.
  expect(stage.race.order(addresses.map(each => each.replace(relay, other)))[0]).toBe('webtransport')
})

it('leaves the way of a line that does not answer for last, and wants another line even there', async () => {
  const stage = createStage()
  const dialled = stage.race.dial(addresses, signal)
  expect(stage.forced).toEqual([false])
  stage.stand('webtransport')
  await dialled
  const again = stage.race.dial(addresses, signal, 'webtransport')
  stage.headStartOver()
  stage.headStartOver()
  expect(stage.forced).toEqual([false, true, true, true])
  stage.stand('websocket')
  await again
  expect(stage.race.order(addresses)).toEqual(['websocket', 'webrtc-direct', 'webtransport'])
})

it('remembers over a reload what stood first, which then has a head start and no more', async () => {
  const before = createStage()
  const dialled = before.race.dial(addresses, signal)
  before.headStartOver()
  before.stand('websocket')
  await dialled
  expect(before.race.changes).toBe(1)

  const after = createStage(101 * hour)
  after.race.restore(structuredClone(before.race.toKept()))
  const again = after.race.dial(addresses, signal)
  expect(after.begun()).toEqual(['websocket'])
  after.headStartOver()
  expect(after.begun()).toEqual(['websocket', 'webtransport'])
  after.stand('webtransport')
  await again
  // The network has changed, it seems: this one is remembered from now on.
  expect(after.race.toKept()).toEqual([[relay, 'webtransport', 101 * hour]])
})

it('races anew some hours after a way stood first, however often it has done so since', async () => {
  const stage = createStage()
  const order = () => stage.race.order(addresses)[0]
  for (let passed = 0; passed < 6; passed += 1) {
    const dialled = stage.race.dial(addresses, signal)
    if (passed === 0) stage.headStartOver()
    stage.stand('websocket')
    await dialled
    expect(order()).toBe('websocket')
    expect(stage.race.changes).toBe(1)
    stage.forget()
    stage.advance(hour)
  }
  expect(order()).toBe('webtransport')
  expect(stage.race.toKept()).toEqual([])
})

it('reads nothing that has ended, is too much, or says nothing', () => {
  const now = 100 * hour
  const restored = (kept: unknown): unknown => {
    const { race } = createStage(now)
    race.restore(kept)
    return race.toKept()
  }
  expect(restored([[relay, 'websocket', now - 6 * hour]])).toEqual([])
  // A clock that was set back.
  expect(restored([[relay, 'websocket', now + hour]])).toEqual([[relay, 'websocket', now]])
  const many = Array.from({ length: 10 }, (_, index) => [`${relay}${index}`, 'webtransport', now])
  expect(restored(many)).toEqual(many.slice(-limits.knownRelays))
  for (const bad of [undefined, null, 7, {}, [null], [7], [[relay]], [[relay, 'pigeon', now]], [[7, 'websocket', now]]])
    expect(restored(bad)).toEqual([])
})

it('takes nobody else for the relay', async () => {
  const stage = createStage()
  const dialled = stage.race.dial(addresses, signal)
  stage.stand('webtransport', other)
  await settle()
  expect(stage.closed).toEqual(['webtransport'])
  stage.stand('websocket')
  expect((await dialled).remotePeer.toString()).toBe(relay)
})

it('ends with its signal', async () => {
  const stage = createStage()
  const controller = new AbortController()
  const told = stage.race.dial(addresses, controller.signal).catch((error: unknown) => error)
  controller.abort(new Error('never mind'))
  expect(await told).toMatchObject({ message: 'never mind' })
  expect(stage.attempts.get('webtransport')?.signal.aborted).toBe(true)
  expect(stage.isWaiting()).toBe(false)
})
