/** What is read of a URL; `URL` of every runtime fits. */
interface WebAddress {
  readonly protocol: string
  readonly hostname: string
  readonly port: string
}

/** The multiaddr of a WebSocket at an http(s) URL's own host and port: a relay takes both on one. */
export function webSocketAddressOf(url: WebAddress): string {
  const isSecure = url.protocol === 'https:'
  const port = url.port === '' ? (isSecure ? '443' : '80') : url.port
  return `${hostPart(url.hostname)}/tcp/${port}/${isSecure ? 'wss' : 'ws'}`
}

function hostPart(hostname: string): string {
  if (hostname.startsWith('[')) return `/ip6/${hostname.slice(1, -1)}`
  return /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? `/ip4/${hostname}` : `/dns4/${hostname}`
}

const webSocket =
  /^\/(?<kind>ip4|ip6|dns|dns4|dns6)\/(?<host>[^/]+)\/tcp\/(?<port>\d+)(?<secure>\/wss|\/tls\/ws)?(?:\/ws)?(?:\/p2p\/\w+)?$/

/** The other way: the web origin of a relay whose WebSocket is at this multiaddr; `undefined` for any other address. */
export function webOriginOf(address: string): string | undefined {
  const { kind, host = '', port, secure } = webSocket.exec(address)?.groups ?? {}
  if (kind === undefined || (secure === undefined && !/\/ws(?:\/|$)/.test(address))) return undefined
  const isDefault = port === (secure === undefined ? '80' : '443')
  return `http${secure === undefined ? '' : 's'}://${kind === 'ip6' ? `[${host}]` : host}${isDefault ? '' : `:${port}`}`
}
