/** The limits of a circuit, as its relay told them; 0 is none. */
export interface CircuitLimit {
  readonly seconds: number
  readonly bytes: number
}

/** The bytes with which a circuit's ends authenticate each other and agree on what to speak. */
const maxHandshakeBytes = 4_096

/**
 * Compares what one end was told with what the relay was set to. js-libp2p counts down: there the bytes of the handshake are missing.
 *
 * @throws Error when it is another limit
 */
export function mustBeTold(who: string, told: CircuitLimit | null, limit: CircuitLimit): void {
  const isSame =
    told !== null &&
    told.seconds === limit.seconds &&
    told.bytes <= limit.bytes &&
    told.bytes >= limit.bytes - maxHandshakeBytes
  if (!isSame) throw new Error(`${who} was told ${JSON.stringify(told)} instead of ${JSON.stringify(limit)}`)
}

/** A slot on a relay. What an implementation does not show to its applications is absent. */
export interface Reserved {
  readonly expiresAtSeconds?: number
  readonly limit?: CircuitLimit
  readonly addresses?: readonly string[]
  /** Verified: signed by the relay, and about the peer that reserved. */
  readonly voucher?: { readonly relay: string; readonly peer: string; readonly expiresAtSeconds: number }
}

/** What came back of the bytes that were sent. */
export interface Echoed {
  readonly returned: number
  /** Whether they are the first of what was sent. */
  readonly isCorrect: boolean
  /** Whether all came, and then the end. */
  readonly isWhole: boolean
}

/** What a node tells unasked. */
export type NodeEvent =
  | { readonly event: 'circuit'; readonly peer: string; readonly limit: CircuitLimit | null }
  | { readonly event: 'closed'; readonly peer: string; readonly isCircuit: boolean }
  | { readonly event: 'renewed'; readonly peer: string }
  | { readonly event: 'message'; readonly topic: string; readonly from: string; readonly text: string }
  | ({ readonly event: 'byHand'; readonly peer: string; readonly limit: CircuitLimit | null } & HandCounts)

/** What one end of a circuit by hand counted, after all messages of the protocol. */
export interface HandCounts {
  readonly sent: number
  readonly received: number
  readonly isCorrect: boolean
}

/** How a node is started. */
export interface StartOptions {
  readonly listen?: readonly string[]
  /** Makes it a relay. */
  readonly relay?: {
    readonly reservationSeconds: number
    readonly maxReservations: number
    readonly maxCircuits: number
    readonly limit: CircuitLimit | null
  }
  /** Leaves circuits to `acceptByHand`. Of go only. */
  readonly byHand?: boolean
}

/** A libp2p node of some implementation, which does what a case tells it. */
export interface InteropNode extends AsyncDisposable {
  readonly peer: string
  /** Where it listens, its peer id included. */
  readonly addresses: readonly string[]
  /** Connects, and answers the address at the other end. */
  dial(address: string): Promise<void>
  /** @throws NodeRefusal with the relay's status */
  reserve(relay: string): Promise<Reserved>
  /**
   * Opens a circuit.
   *
   * @param address - `<relay>/p2p-circuit/p2p/<target>`
   * @throws NodeRefusal with the relay's status
   */
  connect(address: string): Promise<{ readonly limit: CircuitLimit | null }>
  /** Closes all connections to a peer. */
  hangUp(peer: string): Promise<void>
  /** Sends so many bytes to a peer that sends them back. */
  echo(peer: string, bytes: number): Promise<Echoed>
  join(topic: string): Promise<void>
  publish(topic: string, text: string): Promise<void>
  /** The first event, past or to come, that fits. */
  heard<Name extends NodeEvent['event']>(
    name: Name,
    fits?: (event: Extract<NodeEvent, { event: Name }>) => boolean,
    timeoutMs?: number,
  ): Promise<Extract<NodeEvent, { event: Name }>>
}

/** What a node was asked for and did not do. */
export class NodeRefusal extends Error {
  override readonly name = 'NodeRefusal'
  /** The status of the circuit relay protocol, where there was one. */
  readonly status: string | undefined

  constructor(message: string, status: string | undefined) {
    super(message)
    this.status = status
  }
}
