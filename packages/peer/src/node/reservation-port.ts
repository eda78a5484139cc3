import { type CircuitRelayTransportComponents, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { PeerId, Transport } from '@libp2p/interface'
import { type Result, accept, refuse } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'

/** What the transport keeps about one slot. */
interface StoredReservation {
  readonly relay: PeerId
  readonly details: { readonly reservation: { readonly expire: bigint; readonly addrs: Uint8Array[] } }
}

interface PeerMapLike<Value> {
  get(peer: PeerId): Value | undefined
  delete(peer: PeerId): void
}

/** The transport's reservation store; it is public on the transport's class and absent from its type. */
interface ReservationStore {
  readonly reservations: PeerMapLike<{ readonly timeout: ReturnType<typeof setTimeout>; readonly id: string }>
  readonly pendingReservations: string[]
  addRelay(peer: PeerId, type: 'discovered'): Promise<StoredReservation>
  addEventListener(type: string, listener: (event: CustomEvent<StoredReservation>) => void): void
  removeEventListener(type: string, listener: (event: CustomEvent<StoredReservation>) => void): void
  dispatchEvent(event: Event): void
}

/** A slot that a relay holds for us. */
export interface Reservation {
  readonly relay: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Why there is no slot. `refused` has the relay's status code as its detail. */
export type ReserveCode = 'reservation/refused' | 'reservation/enough' | 'reservation/failed'

/** Circuit relay's client side, with the store that it hides. */
export interface ReservationPort {
  readonly transport: (components: CircuitRelayTransportComponents) => Transport
  /** Asks a connected relay for a slot. `reservation/enough`: as many are held as there are listen entries. */
  reserve(relay: PeerId): Promise<Result<Reservation, ReserveCode>>
  /** Gives a slot up, so that another relay's takes its place; the store itself does so only when the connection closes. */
  release(relay: PeerId): void
  /** Follows the store; answers how to stop. */
  follow(listener: (change: 'created' | 'removed', reservation: Reservation) => void): () => void
}

/** Wraps the stock client transport. */
export function createReservationPort(): ReservationPort {
  let store: ReservationStore | undefined
  const create = circuitRelayTransport({ reservationConcurrency: 2, reservationCompletionTimeout: 8_000 })
  const theStore = (): ReservationStore => {
    if (store === undefined)
      throw new PeerError('peer/start-failed', 'The circuit relay transport has not been created.')
    return store
  }
  return {
    transport(components) {
      const transport = create(components) as Transport & { reservationStore?: ReservationStore; discovery?: unknown }
      if (typeof transport.reservationStore?.addRelay !== 'function') {
        throw new PeerError(
          'peer/start-failed',
          '@libp2p/circuit-relay-v2 is not the version that this package was written against.',
        )
      }
      store = transport.reservationStore
      // It would ask whoever speaks the protocol for a slot, and dial them; which relays are asked is for our pool to say.
      transport.discovery = undefined
      return transport
    },
    async reserve(relay) {
      try {
        return accept(toReservation(await theStore().addRelay(relay, 'discovered')))
      } catch (cause) {
        return refusalOf(cause)
      }
    },
    release(relay) {
      const { reservations, pendingReservations } = theStore()
      const details = reservations.get(relay)
      if (details === undefined) return
      clearTimeout(details.timeout)
      reservations.delete(relay)
      pendingReservations.push(details.id)
      theStore().dispatchEvent(new CustomEvent('relay:removed', { detail: { relay, details } }))
    },
    follow(listener) {
      const onCreated = (event: CustomEvent<StoredReservation>): void =>
        listener('created', toReservation(event.detail))
      const onRemoved = (event: CustomEvent<StoredReservation>): void =>
        listener('removed', toReservation(event.detail))
      theStore().addEventListener('relay:created-reservation', onCreated)
      theStore().addEventListener('relay:removed', onRemoved)
      return () => {
        theStore().removeEventListener('relay:created-reservation', onCreated)
        theStore().removeEventListener('relay:removed', onRemoved)
      }
    },
  }
}

function toReservation({ relay, details }: StoredReservation): Reservation {
  return { relay: relay.toString(), expiresAt: Number(details.reservation.expire) * 1_000 }
}

function refusalOf(cause: unknown): Result<never, ReserveCode> {
  if (!(cause instanceof Error)) return refuse('reservation/failed')
  if (cause.name === 'HadEnoughRelaysError') return refuse('reservation/enough')
  const status = /reservation failed with status (\w+)/.exec(cause.message)?.[1]
  return status === undefined ? refuse('reservation/failed', cause.message) : refuse('reservation/refused', status)
}
