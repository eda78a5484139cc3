import type { CircuitRecord } from '../circuit/circuit-table.ts'

/** What a peer did on circuits since it connected, those that have closed included. */
export interface PeerTraffic {
  /** Circuits that stood, at either end. */
  readonly circuitsTotal: number
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

type Sums = { -readonly [Name in keyof PeerTraffic]: number }

const nothing: PeerTraffic = { circuitsTotal: 0, packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 }

/** Adds up the closed circuits of each peer that is connected; who leaves is forgotten, so it never holds more than there are peers. */
export class PeerTotals {
  readonly #isConnected: (peer: string) => boolean
  readonly #sums = new Map<string, Sums>()

  /** @param isConnected - asked when a circuit ends, which may be a moment after its peer has left */
  constructor(isConnected: (peer: string) => boolean) {
    this.#isConnected = isConnected
  }

  /** Peers of which something is held. */
  get size(): number {
    return this.#sums.size
  }

  addClosed(circuit: CircuitRecord): void {
    this.#add(circuit.source, circuit)
    this.#add(circuit.target, circuit)
  }

  removePeer(peer: string): void {
    this.#sums.delete(peer)
  }

  /** @param open - the peer's circuits that are open now */
  of(peer: string, open: readonly CircuitRecord[]): PeerTraffic {
    const sums = { ...(this.#sums.get(peer) ?? nothing) }
    for (const circuit of open) addTo(sums, peer, circuit)
    return sums
  }

  #add(peer: string, circuit: CircuitRecord): void {
    if (!this.#isConnected(peer)) return
    const sums = this.#sums.get(peer) ?? { ...nothing }
    addTo(sums, peer, circuit)
    this.#sums.set(peer, sums)
  }
}

function addTo(sums: Sums, peer: string, { source, fromSource, fromTarget }: CircuitRecord): void {
  const [sent, received] = source === peer ? [fromSource, fromTarget] : [fromTarget, fromSource]
  sums.circuitsTotal += 1
  sums.packetsSent += sent.packets
  sums.packetsReceived += received.packets
  sums.bytesSent += sent.bytes
  sums.bytesReceived += received.bytes
}
