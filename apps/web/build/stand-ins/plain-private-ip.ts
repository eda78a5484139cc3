// Stands in for libp2p's list of reserved address ranges and the library that it asks. libp2p wants it here only to tell which of a node's
// own addresses others may have observed, and which host to dial first; what may be dialled at all is decided in packages/peer.

const reserved4 =
  /^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.(?:0\.[02]|168)|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|198\.(?:1[89]|51\.100)|203\.0\.113|2[45]\d)\./
const reserved6 = /^(?:::1?$|64:ff9b::|100::|2001:(?:2\w)?:|2001:db8:|2002:|f[cd]|fe[89ab]|ff)/i

export function isPrivateIp(ip: string): boolean {
  const mapped = /^::ffff:([\d.]+)$/i.exec(ip)?.[1]
  return reserved4.test(mapped ?? ip) || (mapped === undefined && reserved6.test(ip))
}
