import { type Socket, createSocket } from 'node:dgram'

import { ExpiringBook, TokenBucket } from '@tsugi/bounded'

import { addressKey, normalizeAddress } from '../addresses/address-prefix.ts'
import type { Refusals } from '../refusals.ts'
import { udpError } from '../udp-port.ts'
import { encodeBindingResponse, encodeUnknownAttributes, parseBindingRequest } from './stun-message.ts'

/** A browser asks a handful of times for each connection that it prepares; a whole school does so at once. */
const requestsPerSecond = 50
const requestBurst = 200
const maxRememberedAddresses = 20_000
const memoryMs = 30_000
/** A request names what it wants understood; more of it than this is not listed in the answer. */
const maxUnknownListed = 8

/** The server's counters since it started. */
export interface StunStats {
  readonly requests: number
  readonly responses: number
  /** Datagrams that were no binding request. */
  readonly malformed: number
  /** Requests over the rate of their address. */
  readonly limited: number
}

/** A running STUN server. */
export interface StunServer {
  readonly port: number
  readonly stats: StunStats
  close(): Promise<void>
}

/** What {@link startStunServer} wants to know. */
export interface StunServerOptions {
  readonly host: string
  readonly port: number
  readonly refusals: Refusals
  readonly now?: () => number
}

/**
 * Answers STUN binding requests over UDP (RFC 8489), so that browsers learn their public address from the relay itself.
 * Nothing else of the RFC is offered: no credentials, no TCP. An answer has the address, the software and a fingerprint: 52 bytes
 * for IPv4, 64 for IPv6. Whoever forges the source of bare 20-byte requests gains about threefold, under a rate per address.
 *
 * @throws RelayError `relay/port-taken`
 */
export async function startStunServer(options: StunServerOptions): Promise<StunServer> {
  const { refusals } = options
  const now = options.now ?? Date.now
  const buckets = new ExpiringBook<string, TokenBucket>({ capacity: maxRememberedAddresses, ttlMs: memoryMs, now })
  const counts = { requests: 0, responses: 0, malformed: 0, limited: 0 }

  const isWithinRate = (address: string): boolean => {
    const key = addressKey(address)
    const bucket =
      buckets.get(key) ?? new TokenBucket({ capacity: requestBurst, refillPerSecond: requestsPerSecond, now })
    buckets.set(key, bucket)
    return bucket.tryTake()
  }
  const onDatagram = (socket: Socket, datagram: Buffer, address: string, port: number): void => {
    counts.requests += 1
    if (!isWithinRate(address)) {
      counts.limited += 1
      refusals.add('stun/rate', address)
      return
    }
    const request = parseBindingRequest(datagram)
    if (request === undefined) {
      counts.malformed += 1
      refusals.add('stun/malformed', address)
      return
    }
    const answer =
      request.unknownAttributes.length > 0
        ? encodeUnknownAttributes(request.transactionId, request.unknownAttributes.slice(0, maxUnknownListed))
        : encodeBindingResponse(request.transactionId, normalizeAddress(address), port, 'tsugi')
    // A full send buffer or an unreachable client loses an answer, as UDP may; the client asks again.
    socket.send(answer, port, address, error => {
      if (error === null) counts.responses += 1
    })
  }

  const sockets: Socket[] = []
  let port = options.port
  for (const { host, type } of bindingsOf(options.host)) {
    const socket = createSocket({ type, ipv6Only: type === 'udp6' })
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind({ address: host, port, exclusive: true }, () => {
          socket.off('error', reject)
          resolve()
        })
      })
    } catch (cause) {
      socket.close()
      for (const each of sockets) each.close()
      throw udpError(cause, host, port)
    }
    // An ICMP error of an earlier answer surfaces here; it concerns one client and not the server.
    socket.on('error', () => {})
    socket.on('message', (datagram, from) => onDatagram(socket, datagram, from.address, from.port))
    port = socket.address().port
    sockets.push(socket)
  }
  return {
    port,
    get stats() {
      return { ...counts }
    },
    close: async () => {
      await Promise.all(sockets.map(socket => new Promise<void>(resolve => socket.close(() => resolve()))))
    },
  }
}

function bindingsOf(host: string): Array<{ host: string; type: 'udp4' | 'udp6' }> {
  if (host === '::')
    return [
      { host: '0.0.0.0', type: 'udp4' },
      { host: '::', type: 'udp6' },
    ]
  return [{ host, type: host.includes(':') ? 'udp6' : 'udp4' }]
}
