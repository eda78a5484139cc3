import { BlockList, isIP, isIPv4 } from 'node:net'

import { RelayError } from '../relay-error.ts'
import { formatIp, formatIpPrefix, networkOf, parseIp } from './ip-address.ts'

/** An IPv4 address that arrived on an IPv6 socket is written as IPv4; a zone is dropped; what is no IP address stays as it is. */
export function normalizeAddress(address: string): string {
  const ip = parseIp(address)
  return ip === undefined ? address : formatIp(ip)
}

/**
 * What per-address limits count: an IPv4 address itself, an IPv6 address by its /64, because one subscriber owns a whole one.
 * What is not an IP address stands for itself.
 */
export function addressKey(address: string): string {
  const ip = parseIp(address)
  if (ip === undefined) return address
  if (ip.family === 4) return formatIp(ip)
  return formatIpPrefix({ family: 6, value: networkOf(ip, 64), bits: 64 })
}

/** A set of addresses and prefixes. */
export interface AddressSet {
  has(address: string): boolean
}

/**
 * Reads addresses (`10.0.0.1`, `::1`) and prefixes (`10.0.0.0/8`, `fd00::/8`).
 *
 * @throws RelayError `relay/invalid-config` when an entry is neither
 */
export function createAddressSet(entries: readonly string[]): AddressSet {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits, ...rest] = entry.trim().split('/')
    const family = isIP(address)
    const maxBits = family === 4 ? 32 : 128
    const prefix = bits === undefined ? maxBits : Number(bits)
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && prefix <= maxBits)
    if (family === 0 || rest.length > 0 || !isPrefix) {
      throw new RelayError(
        'relay/invalid-config',
        `"${entry}" is neither an IP address nor a prefix such as 10.0.0.0/8.`,
      )
    }
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
  return {
    has(address) {
      const text = normalizeAddress(address)
      if (isIP(text) === 0) return false
      return list.check(text, isIPv4(text) ? 'ipv4' : 'ipv6')
    },
  }
}
