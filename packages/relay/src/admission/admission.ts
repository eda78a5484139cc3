import type { ConnectionGater, MultiaddrConnection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { ExpiringBook, TokenBucket } from '@tsugi/bounded'
import type { Limits } from '@tsugi/protocol'

import { addressKey } from '../addresses/address-prefix.ts'
import { hostOf } from '../addresses/host-of.ts'
import type { Refusals } from '../refusals.ts'
import type { BanBook } from './bans.ts'
import { GuestCounts } from './guest-counts.ts'

/** A client may hold a WebSocket and a WebRTC-direct connection, and open their successors before they close. */
const maxConnectionsPerPeer = 8
/** Addresses whose join rate is remembered; the least recently seen is forgotten first. */
const maxRememberedAddresses = 20_000
const joinMemoryMs = 60_000

/** Who may connect. One object counts what is open; libp2p asks it through the gater. */
export interface Admission {
  readonly gater: ConnectionGater
  /** Distinct peers connected or connecting. */
  readonly peers: number
  readonly isClosed: boolean
  /** Whether an address is turned away whoever comes from it: by a ban, for want of memory, while draining. Counts the refusal. */
  refusesAddress(host: string): boolean
  /** From now on nobody is admitted. */
  close(): void
}

/** What {@link createAdmission} needs. */
export interface AdmissionOptions {
  /** Read at each connection, so that limits may change. */
  readonly limits: () => Pick<Limits, 'relayPeers' | 'addressPeers' | 'addressJoinsPerSecond'>
  readonly refusals: Refusals
  /** Whether the relay has no memory left for anybody new. */
  readonly isOverloaded: () => boolean
  readonly bans: Pick<BanBook, 'ofPeer' | 'ofAddress'>
  /** Whether an address may be dialled. */
  readonly mayDial: (address: Multiaddr) => boolean
  readonly now?: () => number
}

/**
 * Admits connections: peers of the whole relay, peers and joins per second of one address (an IPv6 /64 counts as one),
 * connections of one peer. Everything is counted from the moment it is admitted until its socket closes, so that many at once
 * cannot slip through.
 *
 * Outgoing dials go only where `mayDial` allows: clients and DHT peers hand us addresses, and a relay that dialled them all would
 * reach its operator's private network and the metadata service of the cloud on a stranger's word.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { limits, refusals, bans } = options
  const now = options.now ?? Date.now
  const guests = new GuestCounts()
  const joins = new ExpiringBook<string, TokenBucket>({ capacity: maxRememberedAddresses, ttlMs: joinMemoryMs, now })
  let isClosed = false

  const refuse = (reason: Parameters<Refusals['add']>[0], detail: string): true => {
    refusals.add(reason, detail)
    return true
  }
  const mayJoin = (address: string): boolean => {
    const perSecond = limits().addressJoinsPerSecond
    if (!Number.isFinite(perSecond)) return true
    let bucket = joins.get(address)
    if (bucket?.refillPerSecond !== perSecond) {
      // Two seconds' worth at once: a class that opens one link together, a page that reconnects after a pause.
      bucket = new TokenBucket({ capacity: perSecond * 2, refillPerSecond: perSecond, now })
    }
    joins.set(address, bucket)
    return bucket.tryTake()
  }

  const refusesAddress = (host: string): boolean => {
    if (isClosed) return refuse('relay/draining', host)
    if (options.isOverloaded()) return refuse('relay/memory', host)
    return bans.ofAddress(host) !== undefined && refuse('ban/address', host)
  }

  const gater: ConnectionGater = {
    denyDialPeer: peerId => bans.ofPeer(peerId.toString()) !== undefined,
    denyDialMultiaddr: address => !options.mayDial(address),
    denyInboundConnection(connection) {
      // WebTransport asks before it accepts a session, and libp2p again before it upgrades it.
      if (guests.has(connection)) return isClosed && refuse('relay/draining', addressOf(connection))
      const address = addressOf(connection)
      if (refusesAddress(hostOf(connection.remoteAddr))) return true
      if (!mayJoin(address)) return refuse('address/joins', address)
      // Before the handshake nobody has a peer id. Two connections for each peer that the address may have are enough.
      if (guests.connectionsFrom(address) >= limits().addressPeers * 2) return refuse('address/peers', address)
      guests.addConnection(connection, address)
      return false
    },
    denyInboundEncryptedConnection(peerId, connection) {
      const peer = peerId.toString()
      const address = addressOf(connection)
      if (bans.ofPeer(peer) !== undefined) return refuse('ban/peer', peer)
      // It may have been banned during the handshake.
      if (bans.ofAddress(hostOf(connection.remoteAddr)) !== undefined) return refuse('ban/address', address)
      if (!guests.hasPeer(peer) && guests.peers >= limits().relayPeers) return refuse('relay/peers', peer)
      if (guests.connectionsOf(peer) >= maxConnectionsPerPeer) return refuse('peer/connections', peer)
      const isCrowded = guests.peersFrom(address) >= limits().addressPeers
      if (isCrowded && !guests.hasPeerFrom(address, peer)) return refuse('address/peers', address)
      guests.addPeer(connection, address, peer)
      return false
    },
  }

  return {
    gater,
    refusesAddress,
    get peers() {
      return guests.peers
    },
    get isClosed() {
      return isClosed
    },
    close() {
      isClosed = true
    },
  }
}

function addressOf(connection: MultiaddrConnection): string {
  return addressKey(hostOf(connection.remoteAddr))
}
