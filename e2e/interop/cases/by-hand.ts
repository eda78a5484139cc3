import { ForeignNode } from '../foreign-node.ts'
import { Table, must, mustEqual } from '../matrix.ts'
import { startOurRelay } from './our-relay.ts'

/** Circuits by hand: what no library does by itself, and every byte counted at both ends. */
export async function tryByHand(program: string): Promise<Table> {
  const table = new Table('Our relay, with go at both ends by hand', ['go'])
  const bytes = 65_536
  await using relay = await startOurRelay('--circuit-data', '64KiB', '--circuit-duration', '2min')
  await using target = await ForeignNode.start(program, { byHand: true })
  await using caller = await ForeignNode.start(program, { byHand: true })
  await target.reserve(relay.address)
  const call = (send = 0): ReturnType<ForeignNode['connectByHand']> =>
    caller.connectByHand(relay.address, target.peer, send)
  await target.acceptByHand({ refuse: 'PERMISSION_DENIED' })
  await table.try('`CONNECTION_FAILED`, the target refuses', 'go', async () =>
    mustEqual('the status', (await call()).status, 'CONNECTION_FAILED'),
  )
  await target.acceptByHand({ refuse: 'reset' })
  await table.try('`CONNECTION_FAILED`, the target resets', 'go', async () =>
    mustEqual('the status', (await call()).status, 'CONNECTION_FAILED'),
  )
  await table.try('`MALFORMED_MESSAGE`', 'go', async () =>
    mustEqual('the status', await caller.hop(relay.address, Uint8Array.of(3, 0xff, 0xff, 0xff)), 'MALFORMED_MESSAGE'),
  )
  await table.try('`UNEXPECTED_MESSAGE`', 'go', async () =>
    // A STATUS, which nobody asked for.
    mustEqual('the status', await caller.hop(relay.address, Uint8Array.of(2, 0x08, 0x02)), 'UNEXPECTED_MESSAGE'),
  )
  const seen = new Set<unknown>()
  const told = { seconds: 120, bytes }
  for (const [title, there, back, arrives] of [
    ['a few bytes both ways, sent and closed at once', 1_000, 1_000, [1_000, 1_000]],
    ['one byte less than the limit, both ways at once', bytes - 1, bytes - 1, [bytes - 1, bytes - 1]],
    ['the limit to the byte, there', bytes, 0, [bytes, 0]],
    ['the limit to the byte, back', 0, bytes, [0, bytes]],
    ['one byte more, there: cut at the limit', bytes + 1, 0, [bytes, 0]],
    ['one byte more, back: cut at the limit', 0, bytes + 1, [0, bytes]],
  ] as const) {
    await table.try(title, 'go', async () => {
      await target.acceptByHand({ send: back })
      const one = await call(there)
      const other = await target.heard('byHand', event => !seen.has(event))
      seen.add(other)
      mustEqual('limits', [one.limit, other.limit], [told, told])
      mustEqual('bytes', [other.received, one.received], arrives)
      must(one.isCorrect === true && other.isCorrect, 'other bytes came than were sent')
      return `${arrives.join(' and ')} bytes`
    })
  }
  return table
}
