import { expect, it, vi } from 'vitest'

import { until } from '../test-support/mesh.ts'
import { startRelay } from '../test-support/start-relay.ts'
import { createPeer } from './index.ts'

let mayBegin = true
// The last thing but one that a start does, when the node runs already.
vi.mock('./node/network-changes.ts', () => ({
  followNetwork() {
    if (!mayBegin) throw new Error('the machine is in a bad way')
  },
}))

function active(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

it('a peer whose start fails in the middle leaves nothing running, and gives the identity and the store back [C5]', async () => {
  const relay = await startRelay()
  await createPeer({ app: 'test', relays: [relay.url], identity: 'memory' }).then(peer => peer.stop())
  const before = active()
  mayBegin = false
  let closed = 0
  const bookStore = { load: () => Promise.resolve([]), save: () => Promise.resolve(), close: () => (closed += 1) }
  await expect(createPeer({ app: 'test', relays: [relay.url], identity: 'memory', bookStore })).rejects.toMatchObject({
    code: 'peer/start-failed',
    message: 'the machine is in a bad way',
  })
  expect(closed).toBeGreaterThan(0)
  await until(`nothing more active than ${JSON.stringify(before)}`, () =>
    Object.entries(active()).every(([kind, count]) => count <= (before[kind] ?? 0) || kind === 'Immediate'),
  )
  expect(relay.relay.stats().peers).toBe(0)
})
