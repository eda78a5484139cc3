import { type Datastore, Key } from 'interface-datastore'

import { type Ban, parseBan } from './ban.ts'

const prefix = '/tsugi/bans'

/** Where bans outlive the relay. */
export interface BanStore {
  /** What is stored; an entry that cannot be read is left out, and told. */
  load(onUnreadable: (key: string) => void): Promise<Ban[]>
  put(ban: Ban): Promise<void>
  delete(id: string): Promise<void>
}

/** Keeps bans as JSON below `/tsugi/bans`. */
export function createBanStore(datastore: Datastore): BanStore {
  const keyOf = (id: string): Key => new Key(`${prefix}/${id}`)
  return {
    async load(onUnreadable) {
      const bans: Ban[] = []
      for await (const { key, value } of datastore.query({ prefix })) {
        const ban = decode(value)
        if (ban === undefined) onUnreadable(key.toString())
        else bans.push(ban)
      }
      return bans.toSorted((a, b) => a.createdAtMs - b.createdAtMs)
    },
    async put(ban) {
      await datastore.put(keyOf(ban.id), new TextEncoder().encode(JSON.stringify(ban)))
    },
    async delete(id) {
      await datastore.delete(keyOf(id))
    },
  }
}

function decode(bytes: Uint8Array): Ban | undefined {
  try {
    const stored = JSON.parse(new TextDecoder().decode(bytes)) as Ban
    if (typeof stored.id !== 'string' || !Number.isSafeInteger(stored.createdAtMs)) return undefined
    // Read as of the time at which it was made: one that has expired meanwhile is still readable, and swept.
    const parsed = parseBan(stored, stored.createdAtMs)
    if (!parsed.ok) return undefined
    const { kind, value, reason, expiresAtMs } = parsed
    return { id: stored.id, kind, value, reason, createdAtMs: stored.createdAtMs, expiresAtMs }
  } catch {
    return undefined
  }
}
