import { expect, test } from 'vitest'

import { createFakeTimers } from '../../test-support/fake-timers.ts'
import { Bandwidth, type BandwidthLimits, type Flow } from './bandwidth.ts'

const none = Number.POSITIVE_INFINITY
const unlimited: BandwidthLimits = {
  circuitBytesPerSecond: none,
  peerBytesPerSecond: none,
  relayBytesPerSecond: none,
}

/** A sender that always has more to send. */
class Greedy {
  sent = 0
  waitingBytes = 0
  readonly flow: Flow

  constructor(bandwidth: Bandwidth, peer: string) {
    this.flow = bandwidth.flow(peer, this)
  }

  offer(bytes: number): void {
    const now = this.waitingBytes === 0 ? this.flow.take(bytes) : 0
    this.sent += now
    this.waitingBytes += bytes - now
    if (this.waitingBytes > 0) this.flow.wait()
  }

  grant(bytes: number): void {
    if (bytes > this.waitingBytes) throw new RangeError('granted more than there is')
    this.waitingBytes -= bytes
    this.sent += bytes
  }
}

function setUp(limits: Partial<BandwidthLimits>) {
  const timers = createFakeTimers()
  return { timers, bandwidth: new Bandwidth({ ...unlimited, ...limits }, timers) }
}

test.each([
  ['circuit', { circuitBytesPerSecond: 100_000 }, 200_000],
  ['peer', { peerBytesPerSecond: 100_000 }, 200_000],
  ['relay', { relayBytesPerSecond: 100_000 }, 100_000],
] as const)('[A6] the rate of the %s delays and drops nothing', (_scope, limits, burst) => {
  const { timers, bandwidth } = setUp(limits)
  const sender = new Greedy(bandwidth, 'a')
  sender.offer(2_000_000)
  timers.advance(10_000)
  expect(sender.sent).toBeGreaterThan(burst * 0.7 + 900_000)
  expect(sender.sent).toBeLessThanOrEqual(burst + 1_000_000)
  timers.advance(60_000)
  expect(sender.sent).toBe(2_000_000)
  expect(bandwidth.waitingPeers).toBe(0)
})

test('[A6] without rates everything goes at once', () => {
  const { bandwidth } = setUp({})
  const sender = new Greedy(bandwidth, 'a')
  sender.offer(1e12)
  expect(sender.sent).toBe(1e12)
})

test('[A6] a peer’s circuits share one rate, two peers do not', () => {
  const { timers, bandwidth } = setUp({ peerBytesPerSecond: 100_000 })
  const [one, two, other] = [new Greedy(bandwidth, 'a'), new Greedy(bandwidth, 'a'), new Greedy(bandwidth, 'b')]
  for (const sender of [one, two, other]) sender.offer(10_000_000)
  timers.advance(20_000)
  expect(one.sent + two.sent).toBeLessThanOrEqual(2_200_000)
  expect(Math.abs(one.sent - two.sent)).toBeLessThan(220_000)
  expect(other.sent).toBeGreaterThan(2_000_000)
})

test('[A6] a full relay is shared among peers, however many circuits one of them has', () => {
  const { timers, bandwidth } = setUp({ relayBytesPerSecond: 1_000_000 })
  const greedy = Array.from({ length: 5 }, () => new Greedy(bandwidth, 'greedy'))
  const modest = Array.from({ length: 4 }, (_, index) => new Greedy(bandwidth, `modest-${index}`))
  for (const sender of [...greedy, ...modest]) sender.offer(100_000_000)
  timers.advance(1_000)
  const sentBefore = modest.map(each => each.sent)
  const greedyBefore = greedy.reduce((sum, each) => sum + each.sent, 0)
  timers.advance(10_000)
  const share = (greedy.reduce((sum, each) => sum + each.sent, 0) - greedyBefore) / 10_000_000
  expect(share).toBeGreaterThan(0.17)
  expect(share).toBeLessThan(0.23)
  modest.forEach((each, index) => expect(each.sent - (sentBefore[index] ?? 0)).toBeGreaterThan(1_800_000))
})

test('small messages pass ahead of bulk: on a full relay a game waits for nobody', () => {
  const { timers, bandwidth } = setUp({ relayBytesPerSecond: 1_000_000 })
  for (let index = 0; index < 20; index += 1) new Greedy(bandwidth, `greedy-${index}`).offer(100_000_000)
  const game = new Greedy(bandwidth, 'game')
  timers.advance(5_000)
  for (let second = 0; second < 5; second += 1) {
    for (let message = 0; message < 120; message += 1) {
      game.offer(500)
      expect(game.waitingBytes).toBe(0)
      timers.advance(1_000 / 120)
    }
  }
})

test('a transfer in small pieces is a transfer', () => {
  const { timers, bandwidth } = setUp({ relayBytesPerSecond: 1_000_000 })
  new Greedy(bandwidth, 'bulk').offer(100_000_000)
  timers.advance(5_000)
  const cunning = new Greedy(bandwidth, 'cunning')
  for (let piece = 0; piece < 1_000; piece += 1) cunning.offer(1_000)
  expect(cunning.sent).toBeLessThan(70_000)
})

test('[A7] new rates take effect at once, on circuits that are open and on what waits', () => {
  const { timers, bandwidth } = setUp({ peerBytesPerSecond: 10_000 })
  const sender = new Greedy(bandwidth, 'a')
  sender.offer(10_000_000)
  timers.advance(1_000)
  expect(sender.sent).toBeLessThanOrEqual(30_000)
  bandwidth.setLimits({ ...unlimited, peerBytesPerSecond: 1_000_000 })
  timers.advance(10_000)
  expect(sender.sent).toBe(10_000_000)
})

test('a flow that ended is granted nothing, and a peer without flows is forgotten', () => {
  const { timers, bandwidth } = setUp({ peerBytesPerSecond: 1_000 })
  const sender = new Greedy(bandwidth, 'a')
  sender.offer(1_000_000)
  sender.flow.end()
  const { sent } = sender
  timers.advance(10_000)
  expect(sender.sent).toBe(sent)
  expect(bandwidth.waitingPeers).toBe(0)
})

test('a rate below one turn still lets everything through', () => {
  const { timers, bandwidth } = setUp({ relayBytesPerSecond: 10, peerBytesPerSecond: 7, circuitBytesPerSecond: 5 })
  const sender = new Greedy(bandwidth, 'a')
  sender.offer(100)
  timers.advance(60_000)
  expect(sender.sent).toBe(100)
})

test('[A6] what travels beside circuits uses the relay’s rate, and does not wait behind transfers', () => {
  const { timers, bandwidth } = setUp({ relayBytesPerSecond: 100_000 })
  const transfer = new Greedy(bandwidth, 'a')
  transfer.offer(10_000_000)
  const begun = transfer.sent
  // A quarter of the bucket is left by the transfer.
  expect(bandwidth.spendBeside(20_000)).toBe(0)
  expect(bandwidth.spendBeside(20_000)).toBeGreaterThan(0)
  let beside = 20_000
  for (let turn = 0; turn < 100; turn += 1) {
    timers.advance(100)
    if (bandwidth.spendBeside(5_000) === 0) beside += 5_000
  }
  expect(beside).toBe(520_000)
  expect(transfer.sent - begun + beside).toBeLessThanOrEqual(1_000_000 + 20_000)
  expect(transfer.sent - begun).toBeGreaterThan(300_000)
})

test('[A6] more at once than the relay’s rate gives in a second waits for a full bucket, and without a rate nothing waits', () => {
  const { timers, bandwidth } = setUp({ relayBytesPerSecond: 10_000 })
  expect(bandwidth.spendBeside(64_000)).toBe(0)
  expect(bandwidth.spendBeside(64_000)).toBe(1_000)
  timers.advance(1_000)
  expect(bandwidth.spendBeside(64_000)).toBe(0)
  expect(setUp({}).bandwidth.spendBeside(1e9)).toBe(0)
})
