/** What came of a request: its answer, or why there is none. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  /** offline: the relay did not answer, or is starting; signed-out: the session is over; refused: `detail` says why. */
  | { readonly ok: false; readonly code: 'offline' | 'signed-out' | 'refused'; readonly detail: string }

/** A relay that has not answered for so long is taken for gone. */
const timeoutMs = 8_000

/** Asks the admin API. Never throws. */
export async function ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Outcome<T>> {
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: { Accept: 'application/json', ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 401) return { ok: false, code: 'signed-out', detail: 'Your session is over.' }
    if (response.status >= 500) return { ok: false, code: 'offline', detail: `The relay answered ${response.status}.` }
    if (response.status === 204) return { ok: true, value: undefined as T }
    const answer = (await response.json()) as unknown
    if (response.ok) return { ok: true, value: answer as T }
    return { ok: false, code: 'refused', detail: (answer as { detail?: string }).detail ?? `${response.status}` }
  } catch {
    return { ok: false, code: 'offline', detail: 'The relay does not answer.' }
  }
}
