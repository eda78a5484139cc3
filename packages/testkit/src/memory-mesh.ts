import { type SeededRandom } from './seeded-random.ts'

/** What goes wrong on the way. Chances per message and receiver. */
export interface MeshFaults {
  readonly loss: number
  readonly duplication: number
  /** Whether messages may overtake each other. */
  readonly reorder: boolean
}

/** A mesh that does its work. */
export const faultless: MeshFaults = { loss: 0, duplication: 0, reorder: false }

/** What a member hears. */
export interface MeshListener {
  onMessage(from: string, bytes: Uint8Array): void
  onPeers(peers: readonly string[]): void
}

interface Parcel {
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
}

/** How many parcels may be under way; a test that exceeds it has a storm. */
const maxUnderWay = 100_000

/**
 * One topic in memory. Everybody hears everybody, except across a partition; what is published is under way until a test delivers it,
 * in an order, with losses and repetitions, that the seed decides.
 */
export class MemoryMesh {
  readonly #random: SeededRandom
  readonly #members = new Map<string, MeshListener>()
  readonly #underWay: Parcel[] = []
  #faults: MeshFaults = faultless
  #groups: readonly (readonly string[])[] = []
  /** Messages handed over, and bytes of them. */
  delivered = 0
  deliveredBytes = 0

  constructor(random: SeededRandom) {
    this.#random = random
  }

  get underWay(): number {
    return this.#underWay.length
  }

  get members(): readonly string[] {
    return [...this.#members.keys()]
  }

  setFaults(faults: MeshFaults): void {
    this.#faults = faults
  }

  /** Splits the mesh: who is in no group hears nobody. Without groups, everybody hears everybody. */
  partition(...groups: readonly (readonly string[])[]): void {
    this.#groups = groups
    this.#tellPeers()
  }

  /** A place in the mesh, in the shape of a match's transport. */
  transport(peer: string) {
    return {
      peer,
      publish: (bytes: Uint8Array): Promise<{ recipients: number }> =>
        Promise.resolve({ recipients: this.publish(peer, bytes) }),
      listen: (listener: MeshListener): (() => void) => this.join(peer, listener),
    }
  }

  join(peer: string, listener: MeshListener): () => void {
    this.#members.set(peer, listener)
    this.#tellPeers()
    return () => {
      this.#members.delete(peer)
      this.#tellPeers()
    }
  }

  /** Puts a message under way to everybody in reach; answers to how many. */
  publish(from: string, bytes: Uint8Array): number {
    const receivers = this.#inReach(from)
    for (const to of receivers) {
      if (this.#random.chance(this.#faults.loss)) continue
      const copies = this.#random.chance(this.#faults.duplication) ? 2 : 1
      for (let copy = 0; copy < copies; copy++) this.#underWay.push({ from, to, bytes })
    }
    if (this.#underWay.length > maxUnderWay) throw new RangeError('More is under way than a test should need.')
    return receivers.length
  }

  /** Delivers one message; answers whether there was one. */
  deliverOne(): boolean {
    const at = this.#faults.reorder ? this.#random.below(this.#underWay.length) : 0
    const [parcel] = this.#underWay.splice(at, 1)
    if (parcel === undefined) return false
    const listener = this.#members.get(parcel.to)
    if (listener === undefined || !this.#inReach(parcel.from).includes(parcel.to)) return true
    this.delivered += 1
    this.deliveredBytes += parcel.bytes.length
    listener.onMessage(parcel.from, parcel.bytes)
    return true
  }

  /** Delivers everything, and what comes of it. */
  deliverAll(): void {
    while (this.deliverOne()) {
      // Each delivery may put more under way.
    }
  }

  #inReach(peer: string): readonly string[] {
    const others = [...this.#members.keys()].filter(other => other !== peer)
    if (this.#groups.length === 0) return others
    return others.filter(other => this.#groups.some(group => group.includes(peer) && group.includes(other)))
  }

  #tellPeers(): void {
    for (const [peer, listener] of this.#members) listener.onPeers(this.#inReach(peer))
  }
}
