import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** What a started relay tells. */
export interface ReadyFacts {
  readonly peerId: string
  readonly host: string
  readonly port: number
  readonly multiaddrs: readonly string[]
  readonly hasPage: boolean
}

/** The address to open on this machine. */
export function localUrl(host: string, port: number): string {
  const isWildcard = host === '0.0.0.0' || host === '::'
  const name = isWildcard ? '127.0.0.1' : isIPv6(host) ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** The addresses to open on other devices of the network: there are some only when the relay listens on every interface. */
export function networkUrls(
  host: string,
  port: number,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string[] {
  if (host !== '0.0.0.0' && host !== '::') return []
  return Object.values(interfaces)
    .flatMap(each => each ?? [])
    .filter(each => !each.internal && each.family === 'IPv4' && !each.address.startsWith('169.254.'))
    .map(each => `http://${each.address}:${port}`)
}

/** The ready line of `--json`: one object that stays as it is. */
export function readyJson(facts: ReadyFacts, pid: number): string {
  return JSON.stringify({
    event: 'ready',
    peerId: facts.peerId,
    http: localUrl(facts.host, facts.port),
    multiaddrs: facts.multiaddrs,
    pid,
  })
}

/** The same for people. */
export function readyText(facts: ReadyFacts): string {
  const lines = [`Ready: ${localUrl(facts.host, facts.port)}${facts.hasPage ? '' : ' (no page: it is not built)'}`]
  for (const url of networkUrls(facts.host, facts.port)) lines.push(`On other devices of your network: ${url}`)
  return lines.join('\n')
}
