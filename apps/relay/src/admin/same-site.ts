import type { IncomingMessage } from 'node:http'

/**
 * Whether a request that changes something was made by a page of this relay. A browser says so itself (`Sec-Fetch-Site`) wherever the
 * connection is trustworthy; elsewhere the origin has to be the host that was asked. Who says neither is no browser.
 *
 * @param isProxied - whether `X-Forwarded-Host` was written by a proxy that is trusted
 */
export function isSameSite(request: Pick<IncomingMessage, 'headers'>, isProxied: boolean): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin, host } = request.headers
  if (origin === undefined) return false
  const forwarded = request.headers['x-forwarded-host']
  const hosts = [host, ...(isProxied && typeof forwarded === 'string' ? [forwarded.split(',', 1)[0]?.trim()] : [])]
  return URL.canParse(origin) && hosts.includes(new URL(origin).host)
}
