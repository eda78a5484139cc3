import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { array, integer, maxLength, number, object, pipe, regex, safeParse, string } from 'valibot'

import { writeAtomically } from '../files/write-atomically.ts'

/** A browser asks for the token once a day. */
const sessionMs = 24 * 60 * 60 * 1_000
/** Operators are few; one more sign-in ends the oldest session. */
const maxSessions = 64
const maxFileBytes = 64 * 1_024

const hash = pipe(string(), regex(/^[\w-]{43}$/))
const fileSchema = object({
  token: hash,
  sessions: pipe(array(object({ hash, expiresAtMs: pipe(number(), integer()) })), maxLength(maxSessions)),
})

/** Browsers that signed in. Only hashes of their ids are kept, on disk too, so that a restart of the relay signs nobody out. */
export interface Sessions {
  /** How many there are. */
  readonly size: number
  /** Begins a session; answers with its id, which nobody else ever learns. */
  begin(): string
  has(id: string): boolean
  end(id: string): void
  /** Resolves when everything that was begun or ended is on disk. */
  saved(): Promise<void>
}

/** What {@link openSessions} wants to know. */
export interface SessionsOptions {
  readonly dataDir: string
  /** Sessions of another token are over. */
  readonly token: string
  /** A file that could not be written costs a sign-in after the next restart, nothing more. */
  readonly onError: (error: unknown) => void
  readonly now?: () => number
}

/** Opens the sessions that are kept in a data directory; what cannot be read is as none. */
export async function openSessions(options: SessionsOptions): Promise<Sessions> {
  const { now = Date.now } = options
  const path = join(options.dataDir, 'admin-sessions.json')
  // Not the token itself, and nothing that leads to it.
  const token = createHmac('sha256', options.token).update('tsugi admin sessions').digest('base64url')
  /** Hash of the id → when it ends; the oldest first. */
  const sessions = await readSessions(path, token)
  let saving = Promise.resolve()

  const sweep = (): void => {
    for (const [key, expiresAtMs] of sessions) if (expiresAtMs <= now()) sessions.delete(key)
  }
  const save = (): void => {
    const kept = [...sessions].map(([key, expiresAtMs]) => ({ hash: key, expiresAtMs }))
    const content = JSON.stringify({ token, sessions: kept })
    saving = saving.then(() => writeAtomically(path, content)).catch(options.onError)
  }

  return {
    get size() {
      sweep()
      return sessions.size
    },
    begin() {
      sweep()
      for (const oldest of sessions.keys()) {
        if (sessions.size < maxSessions) break
        sessions.delete(oldest)
      }
      const id = randomBytes(32).toString('base64url')
      sessions.set(hashOf(id), now() + sessionMs)
      save()
      return id
    },
    has(id) {
      const expiresAtMs = sessions.get(hashOf(id))
      return expiresAtMs !== undefined && expiresAtMs > now()
    },
    end(id) {
      if (sessions.delete(hashOf(id))) save()
    },
    saved: () => saving,
  }
}

async function readSessions(path: string, token: string): Promise<Map<string, number>> {
  try {
    if ((await stat(path)).size > maxFileBytes) return new Map()
    const file = safeParse(fileSchema, JSON.parse(await readFile(path, 'utf8')))
    if (!file.success || file.output.token !== token) return new Map()
    return new Map(file.output.sessions.map(each => [each.hash, each.expiresAtMs]))
  } catch {
    return new Map()
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
