import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { type Result, type WellKnown, accept, parseWellKnown, refuse, wellKnownPath } from '@tsugi/protocol'

/** Why a relay's description could not be read. */
export type DescribeCode = 'relay/unreachable' | 'relay/http-status' | 'well-known/too-large' | 'well-known/malformed'

/** What {@link describeRelay} needs. */
export interface DescribeOptions {
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Default: the runtime's `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

/** Fetches and reads a relay's `/.well-known/tsugi.json`. The body is read up to `maxBytes` and not further. */
export async function describeRelay(origin: URL, options: DescribeOptions): Promise<Result<WellKnown, DescribeCode>> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)])
  const request = options.fetch ?? globalThis.fetch
  try {
    const response = await request(new URL(wellKnownPath, origin), {
      signal,
      cache: 'no-store',
      credentials: 'omit',
      headers: { accept: 'application/json' },
    })
    if (!response.ok) {
      await response.body?.cancel()
      return refuse('relay/http-status', String(response.status))
    }
    const text = await readText(response, options.maxBytes)
    if (text === undefined) return refuse('well-known/too-large')
    const parsed = parseWellKnown(text)
    return parsed.ok ? withReadableAddresses(parsed.value) : parsed
  } catch (cause) {
    return refuse('relay/unreachable', cause instanceof Error ? cause.message : undefined)
  }
}

async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel()
    return undefined
  }
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.byteLength
    if (length > maxBytes) {
      await reader.cancel()
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** Addresses of kinds that this version does not know are left out; a peer id that is none spoils everything. */
function withReadableAddresses(described: WellKnown): Result<WellKnown, 'well-known/malformed'> {
  if (!isPeerId(described.peerId)) return refuse('well-known/malformed', 'peerId')
  return accept({ ...described, multiaddrs: described.multiaddrs.filter(isMultiaddr) })
}

function isPeerId(text: string): boolean {
  try {
    peerIdFromString(text)
    return true
  } catch {
    return false
  }
}

function isMultiaddr(text: string): boolean {
  try {
    multiaddr(text)
    return true
  } catch {
    return false
  }
}
