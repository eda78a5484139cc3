import { limitMessage } from './circuit-limits.ts'
import type { CircuitParts } from './circuit-parts.ts'
import { type HopExchange, type Refused, refuseExchange } from './hop-exchange.ts'
import { answerAndClose } from './hop-responder.ts'
import { reservationAddresses } from './reservation-addresses.ts'
import { sealVoucher } from './voucher.ts'

/**
 * Answers RESERVE: a slot with a voucher and the relay's addresses, or the status that says why not.
 *
 * @param onGone - called when the peer left before it could be told
 */
export async function answerReserve(parts: CircuitParts, exchange: HopExchange, onGone: () => void): Promise<void> {
  const { components, policy, held, timers } = parts
  const { connection, messages, signal, stream } = exchange
  const peerId = connection.remotePeer
  const peer = peerId.toString()
  const refuse = (status: Refused['status'], reason: Refused['reason']): Promise<void> =>
    refuseExchange(parts, exchange, { status, reason, kind: 'reserve' })
  if (!policy.allowReserve(peerId, connection.remoteAddr)) return refuse('PERMISSION_DENIED', 'denied')
  if (!policy.isServed(policy.appOf(peerId))) return refuse('PERMISSION_DENIED', 'app-not-served')
  // Who holds a slot keeps it: renewing costs nothing more.
  if (policy.isOverloaded('reserve') && held.get(peer) === undefined) {
    return refuse('RESOURCE_LIMIT_EXCEEDED', 'overloaded')
  }
  const reserved = held.reserve(peer)
  if (reserved === undefined) return refuse('RESERVATION_REFUSED', 'reservations-full')
  const { reservation, isRenewed } = reserved
  const { expiresAtMs } = reservation
  const expirationSeconds = expiresAtMs / 1_000
  const relay = components.peerId
  const voucher = await sealVoucher({ relay, peer: peerId, expirationSeconds }, components.privateKey)
  // It may have disconnected while the voucher was signed.
  if (connection.status !== 'open') {
    onGone()
    return stream.abort(new Error('The peer has gone.'))
  }
  const limit = limitMessage(parts.limits())
  const addrs = reservationAddresses(components.addressManager.getAddresses(), relay.toString(), connection.remoteAddr)
  parts.emit({ type: isRenewed ? 'reservation:renewed' : 'reservation:created', peer, expiresAtMs })
  await answerAndClose(
    stream,
    messages,
    {
      status: 'OK',
      reservation: { expire: BigInt(expirationSeconds), addrs, voucher },
      ...(limit === undefined ? {} : { limit }),
    },
    signal,
    timers,
  )
}
