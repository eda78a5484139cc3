import { ActivityDetector } from './activity-detector.ts'
import { HeldNames } from './held-names.ts'

/** connecting: the target has not answered. disconnecting: what was accepted is still being delivered. */
export type CircuitState = 'connecting' | 'connected' | 'disconnecting' | 'closed'

/** One circuit, as it was when it was asked about. */
export interface CircuitRecord {
  /** Serves both directions; never used twice. */
  readonly id: number
  /** Who asked for the circuit. */
  readonly source: string
  /** Who holds the reservation. */
  readonly target: string
  readonly app: string
  readonly kind: 'circuit'
  readonly state: CircuitState
  /** A virtual port or channel, where whoever opened the circuit named one. */
  readonly port: number | null
  readonly createdAtMs: number
  /** When it was used last; what only keeps it alive is no use. */
  readonly lastActiveAtMs: number
  readonly fromSource: Traffic
  readonly fromTarget: Traffic
}

/** Which circuits are wanted; what is left out matches all. */
export interface CircuitQuery {
  /** A part of the peer id of either end. */
  readonly peer?: string | undefined
  readonly app?: string | undefined
  readonly state?: CircuitState | undefined
  /** How many of those that match are left out, the newest first. */
  readonly offset?: number
  /** How many are wanted; default: all. */
  readonly limit?: number
}

/** What travelled one way. */
interface Traffic {
  readonly packets: number
  readonly bytes: number
}

const states: readonly CircuitState[] = ['connecting', 'connected', 'disconnecting', 'closed']
/** A circuit's place takes this part of its id; the rest counts how often places were used. */
const placesInId = 2 ** 22
const none = -1
/** Places are added so many at a time, so that little is empty. */
const growth = 1_024

/**
 * Every circuit of the relay, in typed arrays: about 130 bytes each, and one entry of a map for its pair. Looking up by id, by pair in
 * either order, and by peer takes constant time; lists of one peer and of one pair are linked through the arrays.
 */
export class CircuitTable {
  /** Each circuit holds its two peers and its app. */
  readonly #names = new HeldNames()
  readonly #apps = new HeldNames()
  readonly #activity = new ActivityDetector()
  /** First place of each pair. */
  readonly #pairs = new Map<number, number>()
  #size = 0
  #capacity = 0
  #firstFree = none
  #uses = new Uint32Array(0)
  #state = new Uint8Array(0)
  #app = new Int32Array(0)
  #port = new Int32Array(0)
  #source = new Int32Array(0)
  #target = new Int32Array(0)
  /** Links: next and previous among the source's circuits, the target's, the pair's. Free places use the first. */
  #links = new Int32Array(0)
  /** created, active, packets and bytes from the source, packets and bytes from the target. */
  #figures = new Float64Array(0)
  /** First circuit of each peer as source, and as target. */
  #ofPeer = new Int32Array(0)

  get size(): number {
    return this.#size
  }

  /** Names of apps that are kept. */
  get apps(): number {
    return this.#apps.size
  }

  /** @returns the id of a new circuit, connecting */
  add(circuit: { source: string; target: string; app: string; port?: number | undefined; nowMs: number }): number {
    const place = this.#takePlace()
    const source = this.#holdPeer(circuit.source)
    const target = this.#holdPeer(circuit.target)
    this.#state[place] = 0
    this.#app[place] = this.#apps.hold(circuit.app)
    this.#port[place] = circuit.port ?? none
    this.#source[place] = source
    this.#target[place] = target
    this.#figures.fill(0, place * 6, place * 6 + 6)
    this.#figures[place * 6] = circuit.nowMs
    this.#figures[place * 6 + 1] = circuit.nowMs
    this.#activity.begin(place, circuit.nowMs)
    this.#ofPeer[source * 2] = this.#link(place, 0, at(this.#ofPeer, source * 2))
    this.#ofPeer[target * 2 + 1] = this.#link(place, 1, at(this.#ofPeer, target * 2 + 1))
    const pair = pairKey(source, target)
    this.#pairs.set(pair, this.#link(place, 2, this.#pairs.get(pair) ?? none))
    this.#size += 1
    return at(this.#uses, place) * placesInId + place
  }

  /** Forgets a circuit; an id that is not there changes nothing. */
  remove(id: number): void {
    const place = this.#placeOf(id)
    if (place === none) return
    const source = at(this.#source, place)
    const target = at(this.#target, place)
    const nextOfSource = this.#unlink(place, 0)
    if (nextOfSource !== undefined) this.#ofPeer[source * 2] = nextOfSource
    const nextOfTarget = this.#unlink(place, 1)
    if (nextOfTarget !== undefined) this.#ofPeer[target * 2 + 1] = nextOfTarget
    const nextOfPair = this.#unlink(place, 2)
    if (nextOfPair === none) this.#pairs.delete(pairKey(source, target))
    else if (nextOfPair !== undefined) this.#pairs.set(pairKey(source, target), nextOfPair)
    this.#names.release(source)
    this.#names.release(target)
    this.#apps.release(at(this.#app, place))
    this.#uses[place] = at(this.#uses, place) + 1
    this.#state[place] = 3
    this.#links[place * 6] = this.#firstFree
    this.#firstFree = place
    this.#size -= 1
  }

  setState(id: number, state: CircuitState): void {
    const place = this.#placeOf(id)
    if (place !== none) this.#state[place] = states.indexOf(state)
  }

  /** One packet that was passed on. */
  count(id: number, isFromSource: boolean, bytes: number, nowMs: number): void {
    const place = id % placesInId
    const figures = this.#figures
    const from = place * 6 + (isFromSource ? 2 : 4)
    if (this.#activity.isUse(place, bytes, nowMs)) figures[place * 6 + 1] = nowMs
    figures[from] = at(figures, from) + 1
    figures[from + 1] = at(figures, from + 1) + bytes
  }

  get(id: number): CircuitRecord | undefined {
    const place = this.#placeOf(id)
    if (place === none) return undefined
    const figure = (index: number): number => at(this.#figures, place * 6 + index)
    const port = at(this.#port, place)
    return {
      id,
      source: this.#names.get(at(this.#source, place)),
      target: this.#names.get(at(this.#target, place)),
      app: this.#apps.get(at(this.#app, place)),
      kind: 'circuit',
      state: states[at(this.#state, place)] ?? 'closed',
      port: port === none ? null : port,
      createdAtMs: figure(0),
      lastActiveAtMs: figure(1),
      fromSource: { packets: figure(2), bytes: figure(3) },
      fromTarget: { packets: figure(4), bytes: figure(5) },
    }
  }

  /** Ids of the circuits between two peers, whoever asked. */
  ofPair(one: string, other: string): number[] {
    const a = this.#names.find(one)
    const b = this.#names.find(other)
    if (a === undefined || b === undefined) return []
    return this.#list(this.#pairs.get(pairKey(a, b)) ?? none, 2)
  }

  /** Ids of a peer's circuits, at either end. */
  ofPeer(peer: string): number[] {
    const number = this.#names.find(peer)
    if (number === undefined) return []
    return [...this.#list(at(this.#ofPeer, number * 2), 0), ...this.#list(at(this.#ofPeer, number * 2 + 1), 1)]
  }

  /** How many circuits a peer has, at either end. */
  countOfPeer(peer: string): number {
    const number = this.#names.find(peer)
    return number === undefined ? 0 : this.#names.count(number)
  }

  /** Ids of all circuits. */
  *ids(): Generator<number> {
    for (let place = 0; place < this.#capacity; place += 1) {
      if (at(this.#state, place) !== 3) yield at(this.#uses, place) * placesInId + place
    }
  }

  /** One page of the circuits that match, the newest first, and how many match. Only that page is built. */
  find(query: CircuitQuery): { readonly total: number; readonly items: CircuitRecord[] } {
    const { peer, app, state, offset = 0, limit = Number.POSITIVE_INFINITY } = query
    const createdAt = (id: number): number => at(this.#figures, (id % placesInId) * 6)
    const isWanted = (id: number): boolean => {
      const place = id % placesInId
      return (
        (state === undefined || at(this.#state, place) === states.indexOf(state)) &&
        (app === undefined || this.#apps.get(at(this.#app, place)) === app) &&
        (peer === undefined ||
          this.#names.get(at(this.#source, place)).includes(peer) ||
          this.#names.get(at(this.#target, place)).includes(peer))
      )
    }
    const found = [...this.ids()].filter(isWanted).toSorted((a, b) => createdAt(b) - createdAt(a) || b - a)
    const items = found.slice(offset, offset + limit).map(id => this.get(id))
    return { total: found.length, items: items.filter(each => each !== undefined) }
  }

  /** Ids of the circuits that nobody has used since a time. */
  idleSince(timeMs: number): number[] {
    const idle: number[] = []
    for (let place = 0; place < this.#capacity; place += 1) {
      if (at(this.#state, place) !== 3 && at(this.#figures, place * 6 + 1) <= timeMs) {
        idle.push(at(this.#uses, place) * placesInId + place)
      }
    }
    return idle
  }

  #placeOf(id: number): number {
    const place = id % placesInId
    if (place >= this.#capacity || at(this.#state, place) === 3) return none
    return at(this.#uses, place) === Math.floor(id / placesInId) ? place : none
  }

  #takePlace(): number {
    if (this.#firstFree === none) this.#grow()
    const place = this.#firstFree
    this.#firstFree = at(this.#links, place * 6)
    return place
  }

  #grow(): void {
    const from = this.#capacity
    const capacity = from + Math.max(growth, from >> 3)
    this.#uses = grown(this.#uses, new Uint32Array(capacity))
    this.#state = grown(this.#state, new Uint8Array(capacity).fill(3))
    this.#app = grown(this.#app, new Int32Array(capacity))
    this.#port = grown(this.#port, new Int32Array(capacity))
    this.#source = grown(this.#source, new Int32Array(capacity))
    this.#target = grown(this.#target, new Int32Array(capacity))
    this.#links = grown(this.#links, new Int32Array(capacity * 6))
    this.#figures = grown(this.#figures, new Float64Array(capacity * 6))
    this.#activity.grow(capacity)
    for (let place = capacity - 1; place >= from; place -= 1) {
      this.#links[place * 6] = this.#firstFree
      this.#firstFree = place
    }
    this.#capacity = capacity
  }

  /** Puts a place before the first of a list, and answers with the new first. */
  #link(place: number, list: number, first: number): number {
    this.#links[place * 6 + list * 2] = first
    this.#links[place * 6 + list * 2 + 1] = none
    if (first !== none) this.#links[first * 6 + list * 2 + 1] = place
    return place
  }

  /** Takes a place out of a list; answers with the new first when the place was it. */
  #unlink(place: number, list: number): number | undefined {
    const next = at(this.#links, place * 6 + list * 2)
    const previous = at(this.#links, place * 6 + list * 2 + 1)
    if (next !== none) this.#links[next * 6 + list * 2 + 1] = previous
    if (previous === none) return next
    this.#links[previous * 6 + list * 2] = next
    return undefined
  }

  #list(first: number, list: number): number[] {
    const ids: number[] = []
    for (let place = first; place !== none; place = at(this.#links, place * 6 + list * 2)) {
      ids.push(at(this.#uses, place) * placesInId + place)
    }
    return ids
  }

  #holdPeer(peer: string): number {
    const number = this.#names.hold(peer)
    if (this.#ofPeer.length < (number + 1) * 2) {
      this.#ofPeer = grown(this.#ofPeer, new Int32Array((number + growth) * 2))
    }
    if (this.#names.count(number) === 1) this.#ofPeer.fill(none, number * 2, number * 2 + 2)
    return number
  }
}

function pairKey(one: number, other: number): number {
  return one < other ? one * 2 ** 26 + other : other * 2 ** 26 + one
}

function at(array: { readonly [index: number]: number }, index: number): number {
  return array[index] ?? 0
}

function grown<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(old: T, bigger: T): T {
  bigger.set(old)
  return bigger
}
