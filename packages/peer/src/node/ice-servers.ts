/**
 * The ICE servers as this runtime can take them. node-datachannel, which stands in for WebRTC in Node, refuses a whole connection when
 * one server's host is an IPv6 literal; for IPv6 its own addresses are enough, because nothing translates them. Browsers take all.
 */
export function usableIceServers(
  servers: readonly RTCIceServer[],
  isBrowser = typeof RTCPeerConnection !== 'undefined',
): RTCIceServer[] {
  if (isBrowser) return [...servers]
  return servers.flatMap(server => {
    const urls = [server.urls].flat().filter(url => !url.includes('['))
    return urls.length === 0 ? [] : [{ ...server, urls }]
  })
}

/** The relays' own STUN, as one server; none where they have none. */
export function stunServers(addresses: readonly string[] = []): RTCIceServer[] {
  return addresses.length === 0 ? [] : [{ urls: [...addresses] }]
}
