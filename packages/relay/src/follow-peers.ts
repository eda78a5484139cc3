import type { TaskGroup } from '@tsugi/bounded'
import type { Limits } from '@tsugi/protocol'

import { UnsettledConnections } from './admission/unsettled.ts'
import type { AppRegistry } from './apps/app-registry.ts'
import type { OwnCircuitService } from './circuit/own-circuit-service.ts'
import type { RelayNode } from './create-node.ts'
import type { GossipRouter } from './gossip/gossip-router.ts'
import type { Refusals } from './refusals.ts'
import type { RelayEvent } from './relay-events.ts'
import { Departures } from './store/departures.ts'

/** How long something may still be written about a peer that has gone, at the least. */
const departureSweepMs = 10_000
/** How often connections that nobody settles are looked for. */
const unsettledSweepMs = 5_000

/** Who wants to know who comes and goes. */
export interface Followers {
  readonly limits: Limits
  readonly appRegistry: AppRegistry
  readonly circuits: OwnCircuitService
  readonly router: GossipRouter
  readonly refusals: Refusals
  readonly emit: (event: RelayEvent) => void
  readonly tasks: TaskGroup
}

/** Passes on who comes and goes, forgets who has gone, and closes who never settles. The listeners end with the node that they listen to. */
export function followPeers(node: RelayNode, followers: Followers): void {
  const { appRegistry, circuits, router, emit, tasks } = followers
  const departures = new Departures({
    isConnected: peer => node.getConnections(peer).length > 0,
    forget: async peer => node.peerStore.delete(peer),
  })
  tasks.interval('departures', departureSweepMs, () => departures.sweep())
  node.addEventListener('peer:connect', ({ detail }) => emit({ type: 'peer:connect', peer: detail.toString() }))
  node.addEventListener('peer:disconnect', ({ detail }) => {
    circuits.releasePeer(detail)
    if (node.getConnections(detail).length === 0) appRegistry.forget(detail.toString())
    router.removePeer(detail)
    emit({ type: 'peer:disconnect', peer: detail.toString() })
    departures.add(detail)
  })
  followConnections(node, followers)
}

function followConnections(node: RelayNode, { limits, circuits, router, refusals, tasks }: Followers): void {
  const unsettled = new UnsettledConnections({
    limits,
    isInUse: peer => router.hasTopics(peer) || router.isRelay(peer) || circuits.hasReservation(peer),
    onClosed: connection => refusals.add('connection/unsettled', connection.remoteAddr.toString()),
  })
  node.addEventListener('connection:open', ({ detail }) => unsettled.add(detail))
  node.addEventListener('connection:close', ({ detail }) => unsettled.remove(detail))
  node.addEventListener('peer:identify', ({ detail }) => unsettled.remove(detail.connection))
  tasks.interval('unsettled', Math.min(limits.connectionSettleMs, unsettledSweepMs), () => unsettled.sweep())
}
