import * as generated from './pb/circuit.ts'

/** A status on the wire. */
export type CircuitStatus =
  | 'OK'
  | 'RESERVATION_REFUSED'
  | 'RESOURCE_LIMIT_EXCEEDED'
  | 'PERMISSION_DENIED'
  | 'CONNECTION_FAILED'
  | 'NO_RESERVATION'
  | 'MALFORMED_MESSAGE'
  | 'UNEXPECTED_MESSAGE'

/** A peer, by the multihash of its id. A relay that dials nobody on request has no use for the addresses. */
interface PeerMessage {
  id: Uint8Array
  addrs: Uint8Array[]
}

/** The limits of a circuit: seconds, and bytes each way. What is absent is not limited. */
export interface LimitMessage {
  duration?: number
  data?: bigint
}

/** A reservation as its holder is told about it; `expire` in UNIX seconds. */
interface ReservationMessage {
  expire?: bigint
  addrs: Uint8Array[]
  voucher?: Uint8Array
}

/** What travels on a HOP stream. */
export interface HopMessage {
  type?: 'RESERVE' | 'CONNECT' | 'STATUS'
  peer?: PeerMessage
  reservation?: ReservationMessage
  limit?: LimitMessage
  status?: CircuitStatus | 'UNUSED'
}

/** What travels on a STOP stream. */
export interface StopMessage {
  type?: 'CONNECT' | 'STATUS'
  peer?: PeerMessage
  limit?: LimitMessage
  status?: CircuitStatus | 'UNUSED'
}

/** The signed part of a reservation's voucher. */
export interface VoucherMessage {
  relay: Uint8Array
  peer: Uint8Array
  expiration: bigint
}

/** Writes and reads one kind of message. `decode` throws on bytes that are none. */
export interface MessageCodec<T> {
  encode(message: T): Uint8Array
  decode(bytes: Uint8Array): T
}

export const hopMessage: MessageCodec<HopMessage> = generated.HopMessage
export const stopMessage: MessageCodec<StopMessage> = generated.StopMessage
export const voucherMessage: MessageCodec<VoucherMessage> = generated.Voucher
