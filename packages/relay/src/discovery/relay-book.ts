import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { ExpiringBook } from '@tsugi/bounded'
import type { Limits } from '@tsugi/protocol'

import { type RelayName, peerOf } from './relay-name.ts'

/** Addresses kept of a relay that nobody named. */
const maxAddresses = 8
/** A relay that nobody named and that has not been met for so long is forgotten. */
const foundTtlMs = 60 * 60_000
/** A relay that nobody named gets so many tries. */
const maxFoundTries = 4
const retry = { firstMs: 500, maxMs: 30_000 }

/** One relay that is known, met or not. */
export interface KnownRelay {
  /** The operator's word for it, or its peer id. */
  readonly key: string
  /** Set when the operator named it. */
  readonly name?: RelayName
  peer: string | undefined
  addresses: readonly Multiaddr[]
  /** Tries that failed in a row. */
  tries: number
  retryAtMs: number
  isTrying: boolean
}

/** What {@link RelayBook} needs. */
export interface RelayBookOptions {
  readonly limits: Pick<Limits, 'knownRelays'>
  readonly names: readonly RelayName[]
  readonly now?: () => number
  /** For the jitter; default `Math.random`. */
  readonly random?: () => number
}

/** The relays that are known: those that the operator named stay; those that were found have to prove themselves soon. */
export class RelayBook {
  readonly #named: readonly KnownRelay[]
  readonly #found: ExpiringBook<string, KnownRelay>
  readonly #now: () => number
  readonly #random: () => number

  constructor(options: RelayBookOptions) {
    this.#now = options.now ?? Date.now
    this.#random = options.random ?? Math.random
    const names = new Map(options.names.map(name => [name.text, name]))
    this.#named = [...names.values()].map(name => ({ ...fresh(name.text), name, peer: name.peer }))
    this.#found = new ExpiringBook({
      capacity: Math.max(1, options.limits.knownRelays - this.#named.length),
      ttlMs: foundTtlMs,
      now: this.#now,
    })
  }

  get size(): number {
    return this.#named.length + this.#found.size
  }

  /** The one that a peer is known as. */
  find(peer: string): KnownRelay | undefined {
    return this.#named.find(known => known.peer === peer) ?? this.#found.get(peer)
  }

  /** Somebody says that this peer is a relay at these addresses. Answers whether that is news. */
  learn(peer: string, addresses: readonly Multiaddr[]): boolean {
    if (addresses.length === 0 || this.find(peer) !== undefined) return false
    const own = addresses
      .slice(0, maxAddresses)
      .map(each => (peerOf(each) === undefined ? multiaddr(`${String(each)}/p2p/${peer}`) : each))
    this.#found.set(peer, { ...fresh(peer), peer, addresses: own.filter(each => peerOf(each) === peer) })
    return true
  }

  /** Those whose turn it is to be tried. */
  due(): KnownRelay[] {
    const now = this.#now()
    this.#found.sweep(now)
    const all = [...this.#named, ...this.#found.values()]
    return all.filter(known => !known.isTrying && known.retryAtMs <= now && canBeDialled(known))
  }

  /** It was met: it stays known. */
  met(known: KnownRelay): void {
    known.tries = 0
    if (known.name === undefined) this.#found.touch(known.key)
    // Found first and named as well: one entry is enough.
    else if (known.peer !== undefined) this.#found.remove(known.peer)
  }

  /** It could not be met; answers after how many milliseconds it is tried again, or `undefined` when it has been forgotten. */
  failed(known: KnownRelay): number | undefined {
    known.tries += 1
    if (known.name === undefined && known.tries >= maxFoundTries) {
      this.#found.remove(known.key)
      return undefined
    }
    return this.#postpone(known)
  }

  /** It went away: it is tried again soon. */
  lost(known: KnownRelay): void {
    this.#postpone(known)
  }

  #postpone(known: KnownRelay): number {
    const fullMs = Math.min(retry.maxMs, retry.firstMs * 2 ** known.tries)
    const delayMs = Math.round(fullMs * (0.5 + this.#random() / 2))
    known.retryAtMs = this.#now() + delayMs
    return delayMs
  }
}

function fresh(key: string): KnownRelay {
  return { key, peer: undefined, addresses: [], tries: 0, retryAtMs: 0, isTrying: false }
}

function canBeDialled({ name, addresses }: KnownRelay): boolean {
  return name === undefined ? addresses.length > 0 : name.address !== undefined
}
