import { parseWellKnown, wellKnownPath } from '@tsugi/protocol'

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/** Whether an address leads other devices to themselves instead of here. */
export function isLoopback(hostname: string): boolean {
  return loopback.test(hostname)
}

/**
 * Where other devices of the network find a page that was opened at a loopback address, by the addresses that its relay announces.
 *
 * @param page - the page's own address
 * @param multiaddrs - the relay's addresses
 * @returns such as `http://192.168.1.20:8080`, or null when the relay is on loopback only, or the page is not
 */
export function networkOrigin(page: URL, multiaddrs: readonly string[]): string | null {
  if (!isLoopback(page.hostname) || page.protocol !== 'http:') return null
  for (const multiaddr of multiaddrs) {
    const [, host, port] = /^\/ip4\/(\d+(?:\.\d+){3})\/tcp\/(\d+)\/ws\//.exec(multiaddr) ?? []
    if (host !== undefined && !isLoopback(host) && port === (page.port || '80')) return `http://${host}:${port}`
  }
  return null
}

/** Asks the page's own relay, where the page was opened at a loopback address; null when it does not say. */
export async function askNetworkOrigin(page: URL): Promise<string | null> {
  if (!isLoopback(page.hostname)) return null
  try {
    const response = await fetch(new URL(wellKnownPath, page.origin), { signal: AbortSignal.timeout(5_000) })
    const wellKnown = parseWellKnown(await response.text())
    return wellKnown.ok ? networkOrigin(page, wellKnown.value.multiaddrs) : null
  } catch {
    return null
  }
}
