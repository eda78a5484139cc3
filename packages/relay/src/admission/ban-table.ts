import { type IpAddress, bitsOf, formatIp, networkOf, parseIp, parseIpPrefix } from '../addresses/ip-address.ts'
import type { Ban } from './ban.ts'

/** The networks of one length. */
interface PrefixLength {
  readonly family: 4 | 6
  readonly bits: number
  readonly networks: Map<bigint, Ban>
}

/**
 * Who is banned. Peers and addresses are found by one look into a map; networks by one look for each prefix length in use, of which
 * there are few however many networks there are. A ban whose time is over binds nobody, swept or not.
 */
export class BanTable {
  readonly #now: () => number
  readonly #byId = new Map<string, Ban>()
  readonly #byPeer = new Map<string, Ban>()
  readonly #byAddress = new Map<string, Ban>()
  readonly #prefixes: PrefixLength[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#byId.size
  }

  /** In the order in which they were set. */
  list(): Ban[] {
    return [...this.#byId.values()].filter(each => this.#isInForce(each))
  }

  get(id: string): Ban | undefined {
    return this.#byId.get(id)
  }

  /** The ban of exactly this peer, address or network, in its one spelling. */
  find(kind: Ban['kind'], value: string): Ban | undefined {
    if (kind === 'peer') return this.#byPeer.get(value)
    if (kind === 'address') return this.#byAddress.get(value)
    const prefix = parseIpPrefix(value)
    return prefix && this.#networks(prefix.family, prefix.bits)?.networks.get(prefix.value)
  }

  /** Sets a ban in place of the one that names the same, if there is one. */
  set(ban: Ban): void {
    const old = this.find(ban.kind, ban.value)
    if (old !== undefined) this.remove(old.id)
    this.#byId.set(ban.id, ban)
    if (ban.kind === 'peer') this.#byPeer.set(ban.value, ban)
    if (ban.kind === 'address') this.#byAddress.set(ban.value, ban)
    const prefix = ban.kind === 'prefix' ? parseIpPrefix(ban.value) : undefined
    if (prefix === undefined) return
    const { family, bits, value } = prefix
    const length = this.#networks(family, bits)
    if (length === undefined) this.#prefixes.push({ family, bits, networks: new Map([[value, ban]]) })
    else length.networks.set(value, ban)
  }

  /** @returns the ban that was there */
  remove(id: string): Ban | undefined {
    const ban = this.#byId.get(id)
    if (ban === undefined) return undefined
    this.#byId.delete(id)
    if (ban.kind === 'peer') this.#byPeer.delete(ban.value)
    if (ban.kind === 'address') this.#byAddress.delete(ban.value)
    const prefix = ban.kind === 'prefix' ? parseIpPrefix(ban.value) : undefined
    const length = prefix && this.#networks(prefix.family, prefix.bits)
    if (prefix !== undefined && length !== undefined) {
      length.networks.delete(prefix.value)
      if (length.networks.size === 0) this.#prefixes.splice(this.#prefixes.indexOf(length), 1)
    }
    return ban
  }

  /** Bans whose time is over. */
  expired(): Ban[] {
    return [...this.#byId.values()].filter(each => !this.#isInForce(each))
  }

  /** @param peer - a peer id in its usual spelling */
  ofPeer(peer: string): Ban | undefined {
    return this.#inForce(this.#byPeer.get(peer))
  }

  /** The ban of an address itself, or of a network around it; what is no IP address is never banned. */
  ofAddress(address: string): Ban | undefined {
    if (this.#byAddress.size === 0 && this.#prefixes.length === 0) return undefined
    const ip = parseIp(address)
    if (ip === undefined) return undefined
    return this.#inForce(this.#byAddress.get(formatIp(ip))) ?? this.#ofNetworks(ip)
  }

  #ofNetworks(ip: IpAddress): Ban | undefined {
    for (const { family, bits, networks } of this.#prefixes) {
      if (family !== ip.family) continue
      const ban = this.#inForce(networks.get(bits === bitsOf(family) ? ip.value : networkOf(ip, bits)))
      if (ban !== undefined) return ban
    }
    return undefined
  }

  #networks(family: 4 | 6, bits: number): PrefixLength | undefined {
    return this.#prefixes.find(each => each.family === family && each.bits === bits)
  }

  #inForce(ban: Ban | undefined): Ban | undefined {
    return ban !== undefined && this.#isInForce(ban) ? ban : undefined
  }

  #isInForce({ expiresAtMs }: Ban): boolean {
    return expiresAtMs === null || expiresAtMs > this.#now()
  }
}
