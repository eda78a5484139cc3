import { isIP } from 'node:net'

/** An IP address as a number. IPv4 that is written as IPv6 (`::ffff:192.0.2.1`) is IPv4. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A network: the address has no bit set beyond the prefix. */
export interface IpPrefix extends IpAddress {
  readonly bits: number
}

const mappedIpv4 = 0xffffn
const ipv4Bits = 32n

/** Bits of an address of a family. */
export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

/** @returns `undefined` for what is no IP address; a zone (`fe80::1%eth0`) is dropped */
export function parseIp(text: string): IpAddress | undefined {
  const bare = text.split('%', 1)[0] ?? text
  switch (isIP(bare)) {
    case 4:
      return { family: 4, value: ipv4Value(bare) }
    case 6: {
      const value = ipv6Value(bare)
      return value >> ipv4Bits === mappedIpv4 ? { family: 4, value: BigInt.asUintN(32, value) } : { family: 6, value }
    }
    default:
      return undefined
  }
}

/** @returns `undefined` for what is no prefix such as `192.0.2.0/24`; bits of the address beyond the prefix are cleared */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const [address = '', bitsText, ...rest] = text.split('/')
  const ip = parseIp(address)
  if (ip === undefined || bitsText === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bitsText)) return undefined
  const isMapped = ip.family === 4 && address.includes(':')
  // A prefix of mapped addresses counts its bits from the start of the IPv6 address.
  const bits = Number(bitsText) - (isMapped ? 96 : 0)
  if (bits < 0 || bits > bitsOf(ip.family)) return undefined
  return { family: ip.family, bits, value: networkOf(ip, bits) }
}

/** An address with the bits beyond a prefix cleared. */
export function networkOf({ family, value }: IpAddress, bits: number): bigint {
  const free = BigInt(bitsOf(family) - bits)
  return (value >> free) << free
}

/** The one spelling of an address: IPv6 in lower case with its longest run of zeros left out (RFC 5952). */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16))
  let [start, length] = [0, 1]
  for (let from = 0; from < 8; from += 1) {
    let to = from
    while (to < 8 && groups[to] === '0') to += 1
    if (to - from > length) [start, length] = [from, to - from]
  }
  if (length === 1) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

/** The one spelling of a prefix. */
export function formatIpPrefix(prefix: IpPrefix): string {
  return `${formatIp(prefix)}/${prefix.bits}`
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.split('::', 2)
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0n)
  return [...before, ...(tail === undefined ? [] : zeros), ...after].reduce((value, each) => value * 65_536n + each, 0n)
}

/** The 16-bit groups of a part of an IPv6 address, whose end may be written as IPv4. */
function groupsOf(text: string): bigint[] {
  if (text === '') return []
  return text.split(':').flatMap(part => {
    if (!part.includes('.')) return [BigInt(`0x${part}`)]
    const ipv4 = ipv4Value(part)
    return [ipv4 >> 16n, ipv4 & 0xffffn]
  })
}
