import type { MultiaddrConnection } from '@libp2p/interface'

/** A connection in the counts; it listens for that connection's end. */
class Guest {
  readonly address: string
  /** Whether it counts as one of its address; one that libp2p did not ask about does not. */
  isConnected = false
  peer: string | undefined
  readonly #release: (guest: Guest) => void

  constructor(address: string, release: (guest: Guest) => void) {
    this.address = address
    this.#release = release
  }

  handleEvent(): void {
    this.#release(this)
  }
}

/** Who is here: connections and peers of each address, connections of each peer. Whatever is counted is counted until its connection ends. */
export class GuestCounts {
  readonly #connectionsByAddress = new Map<string, number>()
  /** How many connections each has from there. */
  readonly #peersByAddress = new Map<string, Map<string, number>>()
  readonly #connectionsByPeer = new Map<string, number>()
  readonly #guests = new WeakMap<MultiaddrConnection, Guest>()

  /** Distinct peers. */
  get peers(): number {
    return this.#connectionsByPeer.size
  }

  has(connection: MultiaddrConnection): boolean {
    return this.#guests.get(connection)?.isConnected === true
  }

  hasPeer(peer: string): boolean {
    return this.#connectionsByPeer.has(peer)
  }

  connectionsOf(peer: string): number {
    return this.#connectionsByPeer.get(peer) ?? 0
  }

  connectionsFrom(address: string): number {
    return this.#connectionsByAddress.get(address) ?? 0
  }

  peersFrom(address: string): number {
    return this.#peersByAddress.get(address)?.size ?? 0
  }

  hasPeerFrom(address: string, peer: string): boolean {
    return this.#peersByAddress.get(address)?.has(peer) === true
  }

  /** Counts a connection, of whose far end nothing is known yet. */
  addConnection(connection: MultiaddrConnection, address: string): void {
    const guest = this.#guestOf(connection, address)
    if (guest === undefined) return
    guest.isConnected = true
    increment(this.#connectionsByAddress, address)
  }

  /** Counts the peer at its other end. */
  addPeer(connection: MultiaddrConnection, address: string, peer: string): void {
    const guest = this.#guestOf(connection, address)
    if (guest === undefined) return
    guest.peer = peer
    const peersHere = this.#peersByAddress.get(guest.address) ?? new Map<string, number>()
    this.#peersByAddress.set(guest.address, peersHere)
    increment(peersHere, peer)
    increment(this.#connectionsByPeer, peer)
  }

  /** One listener of each connection, however much of it is counted; nobody, when it has ended already. */
  #guestOf(connection: MultiaddrConnection, address: string): Guest | undefined {
    // It may have ended since it was first counted: then nothing would take back what is counted now.
    if (connection.status !== 'open') return undefined
    const known = this.#guests.get(connection)
    if (known !== undefined) return known
    const guest = new Guest(address, this.#release)
    this.#guests.set(connection, guest)
    connection.addEventListener('close', guest)
    return guest
  }

  readonly #release = (guest: Guest): void => {
    const { address, isConnected, peer } = guest
    guest.isConnected = false
    guest.peer = undefined
    if (isConnected) decrement(this.#connectionsByAddress, address)
    if (peer === undefined) return
    decrement(this.#connectionsByPeer, peer)
    const peersHere = this.#peersByAddress.get(address)
    if (peersHere === undefined) return
    decrement(peersHere, peer)
    if (peersHere.size === 0) this.#peersByAddress.delete(address)
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function decrement(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1
  if (left > 0) counts.set(key, left)
  else counts.delete(key)
}
