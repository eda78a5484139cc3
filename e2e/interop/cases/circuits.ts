import type { Implementation } from '../implementation.ts'
import { Table, mustEqual } from '../matrix.ts'
import { startOurRelay } from './our-relay.ts'

const bytes = 300_000

/** Everybody calls everybody through our relay. */
export async function tryCircuits(implementations: readonly Implementation[]): Promise<Table> {
  const table = new Table(
    'Circuits through our relay',
    implementations.map(({ name }) => `to ${name}`),
  )
  await using relay = await startOurRelay()
  for (const target of implementations) {
    await using called = await target.start()
    await called.reserve(relay.address)
    for (const caller of implementations) {
      await table.try(`from ${caller.name}, ${bytes} bytes there and back`, `to ${target.name}`, async () => {
        await using node = await caller.start()
        await node.connect(`${relay.address}/p2p-circuit/p2p/${called.peer}`)
        await called.heard('circuit', ({ peer }) => peer === node.peer)
        const expected = { returned: bytes, isCorrect: true, isWhole: true }
        const { returned, isCorrect, isWhole } = await node.echo(called.peer, bytes)
        mustEqual('the echo', { returned, isCorrect, isWhole }, expected)
        await node.hangUp(called.peer)
        await called.heard('closed', ({ peer, isCircuit }) => isCircuit && peer === node.peer)
      })
    }
  }
  return table
}
