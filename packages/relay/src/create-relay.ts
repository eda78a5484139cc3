import { TypedEventEmitter, type TypedEventTarget } from '@libp2p/interface'
import { TaskGroup } from '@tsugi/bounded'
import { type AppId, LimitError, type WellKnown, appOfWireTopic, parseAppId, resolveLimits } from '@tsugi/protocol'
import type { Datastore } from 'interface-datastore'

import { addressKey, createAddressSet } from './addresses/address-prefix.ts'
import { stunHosts } from './addresses/announced-addresses.ts'
import { hostOf } from './addresses/host-of.ts'
import { createAdmission } from './admission/admission.ts'
import { type Bans, openBans } from './admission/bans.ts'
import { endBanned } from './admission/end-banned.ts'
import { RequestRate } from './admission/request-rate.ts'
import { UnsettledConnections } from './admission/unsettled.ts'
import { AppRegistry } from './apps/app-registry.ts'
import { createAppService } from './apps/app-service.ts'
import { type Archive, openArchiveRoom } from './archive/archive-room.ts'
import type { CircuitService } from './circuit/circuit-service.ts'
import { createOwnCircuitService } from './circuit/own-circuit-service.ts'
import type { RelayNode } from './create-node.ts'
import { describeRelay, stunUris } from './describe-relay.ts'
import { RelayDiscovery } from './discovery/relay-discovery.ts'
import { createGossipRouter } from './gossip/gossip-router.ts'
import { RelayGuard } from './guard/relay-guard.ts'
import { loadIdentity } from './identity/load-identity.ts'
import { openRecordRoom } from './records/record-room.ts'
import { Refusals } from './refusals.ts'
import type { RelayConfig } from './relay-config.ts'
import { RelayError } from './relay-error.ts'
import type { RelayEvent, RelayEvents } from './relay-events.ts'
import type { RelayStats } from './relay-stats.ts'
import { startNode } from './start-node.ts'
import { Departures } from './store/departures.ts'
import { openDataDir } from './store/open-data-dir.ts'
import { createVolatileDatastore } from './store/volatile-datastore.ts'
import { type StunServer, startStunServer } from './stun/stun-server.ts'
import { type RelayViews, createRelayViews } from './views/relay-views.ts'
import { type OptionalTransport, openWaysIn } from './ways-in.ts'

/** What libp2p keeps about strangers; it stays in memory. */
const volatilePrefixes = ['/peers', '/dht', '/tsugi/kad']
/** A peer that neither answers nor goes away must not hold up the end of the relay. */
const stopDeadlineMs = 8_000
/** Bans whose time is over bind nobody from that moment; so often they are taken off the disk. */
const banSweepMs = 60_000
/** How long something may still be written about a peer that has gone, at the least. */
const departureSweepMs = 10_000
/** How often connections that nobody settles are looked for. */
const unsettledSweepMs = 5_000
/** DHT records and a peer store entry of each peer that may be connected, and some that were. */
const volatileCeiling = { maxEntries: 25_000, maxBytes: 64 * 1_024 * 1_024 }

/** Where nothing is kept on disk, games are kept in so much memory. */
const volatileRecords = { maxEntries: 200_000, maxBytes: 64 * 1_024 * 1_024 }

/** A running relay. */
export interface Relay extends RelayViews, AsyncDisposable {
  readonly peerId: string
  /** What happens, as {@link RelayEvents}. */
  readonly events: TypedEventTarget<RelayEvents>
  /** The announced multiaddrs, each ending in `/p2p/<peerId>`. */
  multiaddrs(): string[]
  /** `stun:host:port` of the STUN server; empty when it is off. */
  stunAddresses(): string[]
  stats(): RelayStats
  /** The games that their players have published. */
  readonly archive: Archive
  /** Who is not served. */
  readonly bans: Bans
  /** The document for `/.well-known/tsugi.json`. */
  wellKnown(): WellKnown
  /** Whether {@link drain} or {@link stop} was called. */
  readonly isDraining: boolean
  /** Admits nobody from now on, and tells peers and relays, which move elsewhere; who is connected may stay. Safe to repeat. */
  drain(reason: string): void
  /** Drains, waits a few seconds for those who move, closes every connection, and ends everything. Safe to repeat. */
  stop(): Promise<void>
}

/**
 * Creates and starts a relay on an HTTP server that already listens.
 *
 * @throws RelayError when the configuration or the machine does not allow it; nothing is left running then
 */
export async function createRelay(config: RelayConfig): Promise<Relay> {
  const limits = limitsOf(config)
  const apps = appsOf(config)
  const trustedProxies = createAddressSet(config.trustProxy ?? [])
  const address = config.httpServer.address()
  if (address === null || typeof address === 'string') {
    throw new RelayError(
      'relay/http-not-listening',
      'The HTTP server must listen on a TCP port before the relay starts.',
    )
  }
  const host = address.address
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

  /** What has to be ended, in the order in which it was begun. */
  const opened: Array<() => unknown> = []
  const closeAll = async (): Promise<void> => {
    for (const close of opened.toReversed()) await close()
  }
  try {
    const persistent = await openStore(config, opened)
    const memory = createVolatileDatastore({ persistent, prefixes: volatilePrefixes, ...volatileCeiling })
    const privateKey = await loadIdentity(persistent)
    let onBan: (() => void) | undefined
    const bans = await openBans({
      datastore: persistent,
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
    const gameStore = isKept(config) ? persistent : createVolatileDatastore({ prefixes: [], ...volatileRecords })
    const records = await openRecordRoom({
      datastore: gameStore,
      limits,
      refusals,
      onEvent: emit,
      isServed(peer, topic) {
        const app = appOfWireTopic(topic)
        return appRegistry.isServed(app) && (!appRegistry.has(peer) || appRegistry.appOf(peer) === app)
      },
      isOnTopic: (peer, topic) => router.isOn(peer, topic),
    })
    opened.push(() => records.settled())
    const archive = await openArchiveRoom({
      datastore: gameStore,
      limits,
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
      opened.push(() => started.close())
    }
    const onFailed = (transport: OptionalTransport, message: string): void => {
      failedTransports.add(transport)
      emit({ type: 'listen:failed', transport, message })
    }
    const failedTransports = new Set<OptionalTransport>()
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
      datastore: memory,
      trustedProxies,
      admission,
      apps: appService,
      circuits,
      router,
      permit: discovery.permit,
      refusals,
      limits,
      host,
    }
    const node = await startNode(
      { ...parts, tcpPort: address.port, version: config.version ?? '0.0.0' },
      { waysIn, announce: config.announce ?? [], onFailed },
    )
    opened.push(() => withinMs(stopDeadlineMs, Promise.resolve(node.stop())))
    closePeer = peer => {
      for (const connection of node.getConnections().filter(each => each.remotePeer.toString() === peer)) {
        connection.abort(new Error('the peer reads too slowly'))
      }
    }
    onBan = () =>
      endBanned({ connections: node.getConnections(), bans, revoke: (peer, reason) => circuits.revoke(peer, reason) })
    const tasks = new TaskGroup({ name: 'relay' })
    opened.push(() => tasks.stop())
    tasks.interval('bans', banSweepMs, () => bans.sweep())
    await records.attach(node, tasks.child('records'))
    await archive.attach(node, tasks.child('archive'))
    router.attach(node.services.gossip)
    opened.push(() => router.detach())
    const departures = new Departures({
      isConnected: peer => node.getConnections(peer).length > 0,
      forget: async peer => node.peerStore.delete(peer),
    })
    tasks.interval('departures', departureSweepMs, () => departures.sweep())
    followPeers(node, { appRegistry, circuits, router, departures, emit })
    const { views, onEvent } = createRelayViews({ node, circuits, appOf: peer => appRegistry.appOf(peer) })
    onViewEvent = onEvent
    const unsettled = new UnsettledConnections({
      limits,
      isInUse: peer => router.hasTopics(peer) || router.isRelay(peer) || circuits.hasReservation(peer),
      onClosed: connection => refusals.add('connection/unsettled', connection.remoteAddr.toString()),
    })
    node.addEventListener('connection:open', ({ detail }) => unsettled.add(detail))
    node.addEventListener('connection:close', ({ detail }) => unsettled.remove(detail))
    node.addEventListener('peer:identify', ({ detail }) => unsettled.remove(detail.connection))
    tasks.interval('unsettled', Math.min(limits.connectionSettleMs, unsettledSweepMs), () => unsettled.sweep())
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
        peers: node.getPeers().length,
        connections: connections.length,
        streams: connections.reduce((sum, each) => sum + each.streams.length, 0),
        circuits: circuits.stats(),
        gossip: router.stats(),
        records: records.stats(),
        archive: archive.stats(),
        relays: discovery.stats(),
        stun: stun?.stats ?? { requests: 0, responses: 0, malformed: 0, limited: 0 },
        addressBookPeers: memory.count('/peers'),
        memoryStore: memory.stats,
        refusals: refusals.counts(),
        guard: guard.stats(),
        failedTransports: [...failedTransports],
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
        const { peers, circuits: figures } = stats()
        const load = { peers, reservations: figures.reservations, circuits: figures.circuits }
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
          .then(closeAll)
          .then(() => emit({ type: 'stopped' }))
        return stopping
      },
      [Symbol.asyncDispose]: () => relay.stop(),
    }
    opened.push(() => discovery.stop())
    await discovery.attach(node)
    return relay
  } catch (cause) {
    await closeAll()
    if (cause instanceof RelayError) throw cause
    throw new RelayError(
      'relay/start-failed',
      `The relay could not start: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    )
  }
}

async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, deadline]).finally(() => clearTimeout(timer))
}

function isKept(config: RelayConfig): boolean {
  return config.datastore !== undefined || config.dataDir !== undefined
}

async function openStore(config: RelayConfig, opened: Array<() => unknown>): Promise<Datastore> {
  if (config.datastore !== undefined) return config.datastore
  if (config.dataDir === undefined) {
    return createVolatileDatastore({ prefixes: [], ...volatileCeiling })
  }
  const store = await openDataDir(config.dataDir)
  opened.push(() => store.close())
  return store.datastore
}

interface Followers {
  readonly appRegistry: AppRegistry
  readonly circuits: CircuitService
  readonly router: ReturnType<typeof createGossipRouter>
  readonly emit: (event: RelayEvent) => void
  readonly departures: Departures
}

/** Passes on who comes and goes. The listeners end with the node that they listen to. */
function followPeers(node: RelayNode, { appRegistry, circuits, router, departures, emit }: Followers): void {
  node.addEventListener('peer:connect', ({ detail }) => emit({ type: 'peer:connect', peer: detail.toString() }))
  node.addEventListener('peer:disconnect', ({ detail }) => {
    circuits.releasePeer(detail)
    if (node.getConnections(detail).length === 0) appRegistry.forget(detail.toString())
    router.removePeer(detail)
    emit({ type: 'peer:disconnect', peer: detail.toString() })
    departures.add(detail)
  })
}

function limitsOf(config: RelayConfig): ReturnType<typeof resolveLimits> {
  try {
    return resolveLimits(config.limits)
  } catch (cause) {
    if (cause instanceof LimitError) throw new RelayError('relay/invalid-config', cause.message, cause)
    throw cause
  }
}

function appsOf(config: RelayConfig): readonly AppId[] | 'any' {
  if (config.apps === undefined || config.apps === 'any') return 'any'
  return config.apps.map(text => {
    const app = parseAppId(text)
    if (!app.ok) throw new RelayError('relay/invalid-config', `"${text}" is not an app id: 1 to 63 of a-z 0-9 . -`)
    return app.value
  })
}
