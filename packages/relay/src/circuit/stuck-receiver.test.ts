import { expect, test } from 'vitest'

import { CircuitLine } from '../../bench/circuit-line.ts'
import { MeasuredRelay } from '../../bench/measured-relay.ts'
import { until } from '../../test-support/start-relay.ts'

const MB = 1_000_000
const lines = 8
const piece = new Uint8Array(65_536)

test('[A12] eight receivers that do not read, while their senders send all they can: the relay’s process grows by their buffers, and no more', async () => {
  await using relay = await MeasuredRelay.start('own')
  // What the first circuit costs is paid before it is looked.
  const first = await CircuitLine.open(relay.addresses.webSocket)
  await first.transfer(piece.length, 4 * MB)
  const before = await relay.holding()
  const stuck = await Promise.all(
    Array.from({ length: lines }, () => CircuitLine.open(relay.addresses.webSocket, false)),
  )
  const sent = stuck.map(() => 0)
  const sending = stuck.map(async ({ near }, index) => {
    for (; (sent[index] ?? 0) < 64 * MB; sent[index] = (sent[index] ?? 0) + piece.length) await near.write(piece)
  })
  // They never come to an end of their own; closing the lines ends them.
  const over = Promise.allSettled(sending)
  const total = (): number => sent.reduce((sum, each) => sum + each, 0)
  await until('each has sent a window', () => sent.every(each => each >= 256 * 1_024))
  // While the relay carries so much for others, these could have sent as much.
  await first.transfer(piece.length, 12 * MB)
  // Two windows, one on each side of the relay, and what is under way between.
  expect(total()).toBeLessThan(lines * MB)
  const after = await relay.holding()
  expect(after.rssBytes - before.rssBytes).toBeLessThan(48 * MB)
  await Promise.all([first, ...stuck].map(line => line.close()))
  await over
}, 60_000)
