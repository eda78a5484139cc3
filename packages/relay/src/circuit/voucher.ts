import type { PeerId, PrivateKey, Record } from '@libp2p/interface'
import { RecordEnvelope } from '@libp2p/peer-record'

import { voucherMessage } from './circuit-messages.ts'

/** The domain that separates a voucher's signature from every other one of the same key. */
export const voucherDomain = 'libp2p-relay-rsvp'
/** The payload type that the specification and every implementation use. */
export const voucherPayloadType = new Uint8Array([0x03, 0x02])

/** What a voucher says. */
export interface Voucher {
  readonly relay: PeerId
  readonly peer: PeerId
  /** UNIX time. */
  readonly expirationSeconds: number
}

/**
 * Signs the relay's promise to serve a peer until a time, as the signed envelope of libp2p RFC 0002.
 *
 * @returns the marshalled envelope, for the `voucher` field of a reservation
 */
export async function sealVoucher(voucher: Voucher, privateKey: PrivateKey): Promise<Uint8Array> {
  const record: Record = {
    domain: voucherDomain,
    codec: voucherPayloadType,
    marshal: () =>
      voucherMessage.encode({
        relay: voucher.relay.toMultihash().bytes,
        peer: voucher.peer.toMultihash().bytes,
        expiration: BigInt(voucher.expirationSeconds),
      }),
    equals: other => other === record,
  }
  const envelope = await RecordEnvelope.seal(record, privateKey)
  return envelope.marshal()
}
