import { type Result, type WellKnown, parseWellKnown, refuse, wellKnownPath } from '@tsugi/protocol'

const timeoutMs = 5_000

/**
 * Fetches and reads the description of a relay that the operator named by URL. No more than `maxBytes` of it are read, and no
 * redirect is followed: what was named is trusted, not where it points.
 */
export async function readDescription(origin: URL, maxBytes: number, signal: AbortSignal): Promise<Result<WellKnown>> {
  try {
    const response = await fetch(new URL(wellKnownPath, origin), {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      return refuse('relays/unreachable', `HTTP status ${response.status}`)
    }
    const decoder = new TextDecoder()
    let text = ''
    let length = 0
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength
      if (length > maxBytes) return refuse('well-known/too-large')
      text += decoder.decode(chunk, { stream: true })
    }
    return parseWellKnown(text + decoder.decode())
  } catch (error) {
    return refuse('relays/unreachable', error instanceof Error ? error.message : undefined)
  }
}
