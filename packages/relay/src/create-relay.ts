import { TypedEventEmitter } from '@libp2p/interface'
import { TaskGroup } from '@tsugi/bounded'
import { appOfWireTopic } from '@tsugi/protocol'

import { addressKey } from './addresses/address-prefix.ts'
import { stunHosts } from './addresses/announced-addresses.ts'
import { hostOf } from './addresses/host-of.ts'
import type { UnannouncedWay } from './addresses/unannounced-ways.ts'
import { createAdmission } from './admission/admission.ts'
import { openBans } from './admission/bans.ts'
import { endBanned } from './admission/end-banned.ts'
import { RequestRate } from './admission/request-rate.ts'
import { AppRegistry } from './apps/app-registry.ts'
import { createAppService } from './apps/app-service.ts'
import { openArchiveRoom } from './archive/archive-room.ts'
import { checkConfig } from './check-config.ts'
import { createOwnCircuitService } from './circuit/own-circuit-service.ts'
import { Closers } from './closers.ts'
import { describeRelay, stunUris } from './describe-relay.ts'
import { RelayDiscovery } from './discovery/relay-discovery.ts'
import { followPeers } from './follow-peers.ts'
import { createGossipRouter } from './gossip/gossip-router.ts'
import { RelayGuard } from './guard/relay-guard.ts'
import { loadIdentity } from './identity/load-identity.ts'
import { openRecordRoom } from './records/record-room.ts'
import { Refusals } from './refusals.ts'
import type { RelayConfig } from './relay-config.ts'
import { RelayError } from './relay-error.ts'
import type { RelayEvent, RelayEvents } from './relay-events.ts'
import type { RelayStats } from './relay-stats.ts'
import type { Relay } from './relay.ts'
import { startNode } from './start-node.ts'
import { openStores } from './store/open-stores.ts'
import { type StunServer, startStunServer } from './stun/stun-server.ts'
import { createRelayViews } from './views/relay-views.ts'
import { countTransports } from './views/transport-counts.ts'
import { type OptionalTransport, openWaysIn } from './ways-in.ts'

/** A peer that neither answers nor goes away must not hold up the end of the relay. */
const stopDeadlineMs = 8_000
/** Bans whose time is over bind nobody from that moment; so often they are taken off the disk. */
const banSweepMs = 60_000

/**
 * Creates and starts a relay on an HTTP server that already listens.
 *
 * @throws RelayError when the configuration or the machine does not allow it; nothing is left running then
 */
export async function createRelay(config: RelayConfig): Promise<Relay> {
  const { limits, apps, trustedProxies, host, tcpPort } = checkConfig(config)
  const startedAt = Date.now()
  const events = new TypedEventEmitter<RelayEvents>()
  let onViewEvent: ((event: RelayEvent) => void) | undefined
  const emit = (event: RelayEvent): void => {
    guard.onEvent(event)
    onViewEvent?.(event)
    config.onEvent?.(event)
    events.safeDispatchEvent(event.type, { detail: event })
  }
  const refusals = new Refusals((reason, detail) =>
    emit({ type: 'refused', reason, ...(detail === undefined ? {} : { detail }) }),
  )
  const guard = new RelayGuard({ limits, memory: config.memory, refusals, onEvent: emit })

  const closers = new Closers()
  try {
    const stores = await openStores(config, closers)
    const privateKey = await loadIdentity(stores.persistent)
    let onBan: (() => void) | undefined
    const bans = await openBans({
      datastore: stores.persistent,
      limits,
      onEvent(event) {
        emit(event)
        if (event.type === 'ban:added') onBan?.()
      },
    })
    const admission = createAdmission({
      limits: guard.limits,
      refusals,
      bans,
      isOverloaded: () => guard.isOverloaded('join'),
      mayDial: address => discovery.permit.mayDial(address),
    })
    const appRegistry = new AppRegistry({ served: apps, maxPeers: limits.relayPeers })
    const appService = createAppService({
      registry: appRegistry,
      refusals,
      onChanged: peer => circuits.checkApp(peer),
    })
    const rate = new RequestRate({ limits: guard.limits })
    const circuits = createOwnCircuitService({
      limits,
      policy: {
        isOverloaded: kind => admission.isClosed || guard.isOverloaded(kind),
        takeRequest: (peer, from) => rate.tryTake(peer.toString(), addressKey(hostOf(from))),
        appOf: peer => appRegistry.appOf(peer.toString()),
        isServed: app => appRegistry.isServed(app),
        whenSettled: connection => appService.whenSettled(connection),
      },
      onEvent(event) {
        if (event.type === 'reservation:refused' || event.type === 'circuit:failed') {
          refusals.add(`circuit/${event.reason}`, event.type === 'circuit:failed' ? event.source : event.peer)
        }
        emit(event)
      },
    })
    let closePeer: ((peer: string) => void) | undefined
    const onUnreachable = (peer: string): void => {
      refusals.add('peer/slow', peer)
      closePeer?.(peer)
    }
    const router = createGossipRouter({
      limits,
      apps,
      refusals,
      onTopic: emit,
      onMessage: guard.onMessage,
      onUnreachable,
    })
    const records = await openRecordRoom({
      datastore: stores.games,
      limits,
      bandwidth: circuits,
      refusals,
      onEvent: emit,
      isServed(peer, topic) {
        const app = appOfWireTopic(topic)
        return appRegistry.isServed(app) && (!appRegistry.has(peer) || appRegistry.appOf(peer) === app)
      },
      isOnTopic: (peer, topic) => router.isOn(peer, topic),
    })
    closers.add(() => records.settled())
    const archive = await openArchiveRoom({
      datastore: stores.games,
      limits,
      bandwidth: circuits,
      refusals,
      verify: config.verifyGame,
      isServed: app => apps === 'any' || apps.some(each => each === app),
      onEvent: emit,
    })
    const names = config.relays ?? []
    const discovery = new RelayDiscovery({
      limits,
      names,
      discovers: config.discover ?? names.length > 0,
      region: config.region,
      refusals,
      router,
      describe: () => relay.wellKnown(),
      onEvent: emit,
    })
    let stun: StunServer | undefined
    if (config.stunPort !== undefined && config.stunPort !== 'off') {
      const started = await startStunServer({ host, port: config.stunPort, refusals })
      stun = started
      closers.add(() => started.close())
    }
    const onFailed = (transport: OptionalTransport, message: string): void => {
      failedTransports.add(transport)
      emit({ type: 'listen:failed', transport, message })
    }
    const failedTransports = new Set<OptionalTransport>()
    const unannounced: UnannouncedWay[] = []
    const waysIn = await openWaysIn({
      host,
      webRtcPort: config.udpPort,
      webTransportPort: config.webTransportPort,
      limits,
      refusals,
      isRefused: host => admission.refusesAddress(host),
      onFailed,
    })
    const parts = {
      httpServer: config.httpServer,
      privateKey,
      datastore: stores.node,
      trustedProxies,
      admission,
      apps: appService,
      circuits,
      router,
      permit: discovery.permit,
      refusals,
      limits,
      host,
      tcpPort,
    }
    const node = await startNode(
      { ...parts, version: config.version ?? '0.0.0' },
      { waysIn, announce: config.announce ?? [], onFailed, onUnannounced: way => unannounced.push(way) },
    )
    closers.add(() => node.stop(), stopDeadlineMs)
    closePeer = peer => {
      for (const connection of node.getConnections().filter(each => each.remotePeer.toString() === peer)) {
        connection.abort(new Error('the peer reads too slowly'))
      }
    }
    onBan = () =>
      endBanned({ connections: node.getConnections(), bans, revoke: (peer, reason) => circuits.revoke(peer, reason) })
    const tasks = new TaskGroup({ name: 'relay' })
    closers.add(() => tasks.stop())
    tasks.interval('bans', banSweepMs, () => bans.sweep())
    await records.attach(node, tasks.child('records'))
    await archive.attach(node, tasks.child('archive'))
    router.attach(node.services.gossip)
    closers.add(() => router.detach())
    const transports = countTransports(node)
    followPeers(node, { limits, appRegistry, circuits, router, refusals, emit, tasks })
    const { views, onEvent } = createRelayViews({ node, circuits, appOf: peer => appRegistry.appOf(peer) })
    onViewEvent = onEvent
    guard.attach(
      {
        circuits,
        hasTopics: peer => router.hasTopics(peer),
        isRelay: peer => router.isRelay(peer),
        closePeer: peer => views.closePeer(peer),
      },
      tasks,
    )

    const stunAddresses = stun === undefined ? [] : stunUris(stunHosts(host, config.announce ?? []), stun.port)
    let isDraining = false
    let stopping: Promise<void> | undefined
    let farewell: Promise<void> | undefined
    const drain = (reason: string): void => {
      if (isDraining) return
      isDraining = true
      admission.close()
      emit({ type: 'draining', reason })
      farewell = discovery.farewell()
    }
    const stats = (): RelayStats => {
      const connections = node.getConnections()
      return {
        peers: new Set(connections.map(each => each.remotePeer.toString())).size,
        connections: connections.length,
        streams: connections.reduce((sum, each) => sum + each.streams.length, 0),
        transports: transports(),
        circuits: circuits.stats(),
        gossip: router.stats(),
        records: records.stats(),
        archive: archive.stats(),
        relays: discovery.stats(),
        stun: stun?.stats ?? { requests: 0, responses: 0, malformed: 0, limited: 0 },
        // Without itself: libp2p keeps the relay's own addresses there too.
        addressBookPeers: Math.max(0, stores.node.count('/peers') - 1),
        memoryStore: stores.node.stats,
        refusals: refusals.counts(),
        guard: guard.stats(),
        failedTransports: [...failedTransports],
        unannouncedTransports: unannounced.map(({ transport }) => transport),
        uptimeMs: Date.now() - startedAt,
        isDraining,
      }
    }
    const relay: Relay = {
      ...views,
      peerId: node.peerId.toString(),
      events,
      multiaddrs: () => node.getMultiaddrs().map(String),
      stunAddresses: () => stunAddresses,
      stats,
      archive: archive.archive,
      bans,
      wellKnown() {
        // Everybody asks for it, so it counts nobody anew.
        const { reservations, circuits: open } = circuits.stats()
        const load = { peers: admission.peers, reservations, circuits: open }
        return describeRelay({
          peerId: relay.peerId,
          multiaddrs: relay.multiaddrs(),
          stun: stunAddresses,
          apps,
          limits,
          load,
          isDraining,
          region: config.region,
          relays: discovery.hints(),
        })
      },
      get isDraining() {
        return isDraining
      },
      drain,
      stop() {
        drain('stop')
        stopping ??= Promise.resolve(farewell)
          .then(() => closers.closeAll())
          .then(() => emit({ type: 'stopped' }))
        return stopping
      },
      [Symbol.asyncDispose]: () => relay.stop(),
    }
    closers.add(() => discovery.stop())
    await discovery.attach(node)
    for (const way of unannounced) emit({ type: 'listen:unannounced', ...way })
    return relay
  } catch (cause) {
    await closers.closeAll()
    if (cause instanceof RelayError) throw cause
    throw new RelayError(
      'relay/start-failed',
      `The relay could not start: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    )
  }
}
