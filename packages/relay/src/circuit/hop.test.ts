import { peerIdFromMultihash } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import * as digest from 'multiformats/hashes/digest'
import { describe, expect, test } from 'vitest'

import { type RawPeer, connectTo, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import { type HopMessage, type MessageCodec, hopMessage, stopMessage, voucherMessage } from './circuit-messages.ts'
import { voucherDomain, voucherPayloadType } from './voucher.ts'

const stage = createStage()

async function rawPeer(address: string): Promise<RawPeer> {
  const peer = await startRawPeer(address)
  stage.defer(() => peer.stop())
  return peer
}

describe('RESERVE', () => {
  test('[A1] is answered with the expiry in UNIX seconds, the limits in seconds and bytes, and addresses', async () => {
    const limits = { reservationTtlMs: 3_600_000, circuitDurationMs: 120_000, circuitBytes: 1_234_567 }
    const { address } = await stage.relay({ limits })
    const peer = await rawPeer(address)
    const before = Math.floor(Date.now() / 1_000)
    const answer = await peer.reserve()
    expect(answer).toMatchObject({ type: 'STATUS', status: 'OK', limit: { duration: 120, data: 1_234_567n } })
    const expire = Number(answer.reservation?.expire)
    expect(expire).toBeGreaterThanOrEqual(before + 3_600)
    expect(expire).toBeLessThanOrEqual(before + 3_602)
  })

  test('[A1] without limits the limit field is absent', async () => {
    const { address } = await stage.relay({
      limits: { circuitDurationMs: Number.POSITIVE_INFINITY, circuitBytes: Number.POSITIVE_INFINITY },
    })
    const answer = await (await rawPeer(address)).reserve()
    expect(answer.status).toBe('OK')
    expect(answer.limit).toBeUndefined()
  })

  test('[A13] the voucher is an envelope signed by the relay, for this peer, until the expiry', async () => {
    const { address, relay } = await stage.relay()
    const peer = await rawPeer(address)
    const { reservation } = await peer.reserve()
    const envelope = await RecordEnvelope.openAndCertify(reservation?.voucher ?? new Uint8Array(), voucherDomain)
    expect(envelope.payloadType).toEqual(voucherPayloadType)
    const voucher = voucherMessage.decode(envelope.payload)
    expect(peerIdFromMultihash(digest.decode(voucher.peer)).toString()).toBe(peer.id)
    expect(peerIdFromMultihash(digest.decode(voucher.relay)).toString()).toBe(relay.peerId)
    expect(envelope.publicKey.toString()).toBe(peer.connection.remotePeer.publicKey?.toString())
    expect(voucher.expiration).toBe(reservation?.expire)
  })

  test('[A13] the addresses can be dialled and end in the relay’s peer id', async () => {
    const { address, relay } = await stage.relay()
    const { reservation } = await (await rawPeer(address)).reserve()
    const addresses = reservation?.addrs.map(each => multiaddr(each).toString()) ?? []
    expect(addresses).toContain(address)
    for (const each of addresses) expect(each).toMatch(new RegExp(`/p2p/${relay.peerId}$`))
    const other = await rawPeer(addresses[0] ?? '')
    expect(other.connection.remotePeer.toString()).toBe(relay.peerId)
  })

  test('[A2] renewing keeps the slot and moves the expiry', async () => {
    const { address, relay } = await stage.relay({ limits: { relayReservations: 1 } })
    const events: string[] = []
    relay.events.addEventListener('reservation:created', () => events.push('created'))
    relay.events.addEventListener('reservation:renewed', () => events.push('renewed'))
    const peer = await rawPeer(address)
    expect((await peer.reserve()).status).toBe('OK')
    expect((await peer.reserve()).status).toBe('OK')
    expect(events).toEqual(['created', 'renewed'])
    expect(relay.stats().circuits.reservations).toBe(1)
  })

  test('[A4] RESERVATION_REFUSED when all slots are taken', async () => {
    const { address } = await stage.relay({ limits: { relayReservations: 1 } })
    await (await rawPeer(address)).reserve()
    expect((await (await rawPeer(address)).reserve()).status).toBe('RESERVATION_REFUSED')
  })
})

describe('CONNECT', () => {
  test('[A4] OK at both ends, each told the same limits, the target told who calls', async () => {
    const { address } = await stage.relay({ limits: { circuitDurationMs: 90_000, circuitBytes: 5_000 } })
    const [target, caller] = [await rawPeer(address), await rawPeer(address)]
    await target.reserve()
    const accepted = target.accepted()
    const { answer } = await caller.connect(target)
    const { request } = await accepted
    expect(answer.limit).toEqual({ duration: 90, data: 5_000n })
    expect(request.type).toBe('CONNECT')
    expect(request.limit).toEqual(answer.limit)
    expect(peerIdFromMultihash(digest.decode(request.peer?.id ?? new Uint8Array())).toString()).toBe(caller.id)
  })

  test('[A4] NO_RESERVATION for a peer without one', async () => {
    const { address } = await stage.relay()
    const [target, caller] = [await rawPeer(address), await rawPeer(address)]
    expect((await caller.ask(connectTo(target.peerId))).status).toBe('NO_RESERVATION')
  })

  test('[A4] RESOURCE_LIMIT_EXCEEDED when the caller or the target has its circuits', async () => {
    const { address, relay } = await stage.relay({ limits: { peerCircuits: 1 } })
    const [one, other, third] = [await rawPeer(address), await rawPeer(address), await rawPeer(address)]
    for (const peer of [one, other, third]) await peer.reserve()
    await one.connect(other)
    expect((await one.ask(connectTo(third.peerId))).status).toBe('RESOURCE_LIMIT_EXCEEDED')
    expect((await third.ask(connectTo(other.peerId))).status).toBe('RESOURCE_LIMIT_EXCEEDED')
    expect(relay.stats().refusals).toMatchObject({ 'circuit/caller-circuits': 1, 'circuit/target-circuits': 1 })
  })

  test('[A4] PERMISSION_DENIED for a circuit to oneself', async () => {
    const { address } = await stage.relay()
    const peer = await rawPeer(address)
    await peer.reserve()
    expect((await peer.ask(connectTo(peer.peerId))).status).toBe('PERMISSION_DENIED')
  })

  test.each(['PERMISSION_DENIED', 'CONNECTION_FAILED', 'RESOURCE_LIMIT_EXCEEDED'] as const)(
    '[A4] CONNECTION_FAILED when the target answers %s',
    async status => {
      const { address, relay } = await stage.relay()
      const [target, caller] = [await rawPeer(address), await rawPeer(address)]
      await target.reserve()
      await target.onStop(async messages => {
        await messages.read(AbortSignal.timeout(5_000))
        await messages.write({ type: 'STATUS', status }, AbortSignal.timeout(5_000))
      })
      expect((await caller.ask(connectTo(target.peerId))).status).toBe('CONNECTION_FAILED')
      expect(relay.stats().circuits.circuits).toBe(0)
    },
  )

  test('[B6] CONNECTION_FAILED at once when the target speaks no STOP, resets it, or goes away meanwhile', async () => {
    const { address, relay } = await stage.relay()
    const [target, caller] = [await rawPeer(address), await rawPeer(address)]
    await target.reserve()
    await target.onStop(async (_messages, stream) => stream.abort(new Error('no')))
    expect((await caller.ask(connectTo(target.peerId))).status).toBe('CONNECTION_FAILED')
    await target.node.unhandle('/libp2p/circuit/relay/0.2.0/stop')
    expect((await caller.ask(connectTo(target.peerId))).status).toBe('CONNECTION_FAILED')
    await target.onStop(async () => void target.node.stop())
    expect((await caller.ask(connectTo(target.peerId))).status).toBe('CONNECTION_FAILED')
    await until('its slot is free', () => relay.stats().circuits.reservations === 0)
    expect((await caller.ask(connectTo(target.peerId))).status).toBe('NO_RESERVATION')
    expect(relay.stats().circuits.circuits).toBe(0)
  })

  test('[A2] a caller that goes away while the target thinks leaves nothing behind', async () => {
    const { address, relay } = await stage.relay()
    const [target, caller] = [await rawPeer(address), await rawPeer(address)]
    await target.reserve()
    const asked = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    await target.onStop(async (messages, stream) => {
      stream.addEventListener('close', () => closed.resolve())
      await messages.read(AbortSignal.timeout(5_000))
      asked.resolve()
    })
    const { messages, stream } = await caller.hop()
    await messages.write(connectTo(target.peerId), AbortSignal.timeout(5_000))
    await asked.promise
    stream.abort(new Error('changed my mind'))
    await closed.promise
    await until('it is counted', () => relay.stats().refusals['circuit/caller-gone'] === 1)
    expect(relay.stats().circuits).toMatchObject({ circuits: 0, totals: { circuitsAccepted: 0 } })
  })
})

describe('everything else', () => {
  test('[A4] UNEXPECTED_MESSAGE for a STATUS; MALFORMED_MESSAGE without a type, a peer or a readable peer id', async () => {
    const { address } = await stage.relay()
    const peer = await rawPeer(address)
    expect((await peer.ask({ type: 'STATUS', status: 'OK' })).status).toBe('UNEXPECTED_MESSAGE')
    expect((await peer.ask({})).status).toBe('MALFORMED_MESSAGE')
    expect((await peer.ask({ type: 'CONNECT' })).status).toBe('MALFORMED_MESSAGE')
    const peerMessage = { id: new Uint8Array([1, 2, 3]), addrs: [] }
    expect((await peer.ask({ type: 'CONNECT', peer: peerMessage })).status).toBe('MALFORMED_MESSAGE')
  })

  test('[A1] a message over 4 KiB is MALFORMED_MESSAGE, one of 4 KiB is read', async () => {
    const { address } = await stage.relay()
    const peer = await rawPeer(address)
    const sized = (bytes: number): Promise<{ status?: string }> =>
      peer.ask({ type: 'RESERVE', peer: { id: new Uint8Array(0), addrs: [new Uint8Array(bytes)] } })
    // Around the address: 2 bytes of type, 3 of the peer's tag and length, 3 of the address's.
    expect((await sized(4_096 - 8)).status).toBe('OK')
    expect((await sized(4_096 - 7)).status).toBe('MALFORMED_MESSAGE')
  })

  test('[A4] bytes that are no message are MALFORMED_MESSAGE, and the relay serves on', async () => {
    const { address } = await stage.relay()
    const peer = await rawPeer(address)
    const endless = Array.from({ length: 100_000 }, () => 255)
    for (const bytes of [[3, 255, 255, 255], [2, 8, 9], [1, 8], [0], [255, 255], endless]) {
      const { stream, messages } = await peer.hop()
      stream.send(new Uint8Array(bytes))
      expect((await messages.read(AbortSignal.timeout(5_000))).status).toBe('MALFORMED_MESSAGE')
    }
    expect((await peer.reserve()).status).toBe('OK')
  })

  test('decoding arbitrary bytes ends, with a message or an error', () => {
    const outcome = (codec: MessageCodec<unknown>, bytes: Uint8Array): unknown => {
      try {
        return codec.decode(bytes)
      } catch (error) {
        return error
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        for (const codec of [hopMessage, stopMessage, voucherMessage]) {
          expect(outcome(codec, bytes)).toBeInstanceOf(Object)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('[A1] what is written is read back, whatever it says', () => {
    const bytes = fc.uint8Array({ maxLength: 60 })
    const message = fc.record<HopMessage>(
      {
        type: fc.constantFrom('RESERVE', 'CONNECT', 'STATUS'),
        peer: fc.record({ id: bytes, addrs: fc.array(bytes, { maxLength: 3 }) }),
        reservation: fc.record(
          { expire: fc.bigInt({ min: 0n, max: 2n ** 63n }), addrs: fc.array(bytes, { maxLength: 3 }), voucher: bytes },
          { requiredKeys: ['addrs'] },
        ),
        limit: fc.record(
          { duration: fc.nat(2 ** 31 - 1), data: fc.bigInt({ min: 0n, max: 2n ** 63n }) },
          { requiredKeys: [] },
        ),
        status: fc.constantFrom('OK', 'NO_RESERVATION', 'UNEXPECTED_MESSAGE'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(message, each => {
        expect(hopMessage.decode(hopMessage.encode(each))).toEqual(each)
      }),
    )
  })
})
