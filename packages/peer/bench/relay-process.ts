// A relay in a process of its own, so that what it remembers is not taken for what a peer does.
import { openRelay } from '../test-support/open-relay.ts'

const relay = await openRelay({ limits: { addressPeers: 1_000, addressJoinsPerSecond: 10_000 } })
process.send?.(relay.url)
process.once('disconnect', () => void relay.kill())
