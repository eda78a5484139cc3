import { randomUUID } from 'node:crypto'

import type { Datastore } from 'interface-datastore'

import { RelayError } from '../relay-error.ts'
import { createBanStore } from './ban-store.ts'
import { BanTable } from './ban-table.ts'
import { type Ban, type BanOutcome, type BanRequest, parseBan } from './ban.ts'

/** Who is not served. Bans are kept in the relay's datastore and hold from one start to the next. */
export interface Bans {
  /** Those in force. */
  list(): Ban[]
  /**
   * Bans, and ends at once what stands: connections, reservation, circuits. Whoever is banned already gets the new reason and end.
   *
   * @throws RelayError `relay/data-dir-unusable` when it could not be written; it holds then until the relay stops
   */
  add(request: BanRequest): Promise<BanOutcome>
  /** @returns whether there was such a ban */
  remove(id: string): Promise<boolean>
}

/** What happens to bans. */
export type BanEvent =
  | { readonly type: 'ban:added'; readonly ban: Ban }
  | { readonly type: 'ban:removed'; readonly ban: Ban; readonly reason: 'removed' | 'expired' }
  /** An entry on disk could not be read; it is left there and binds nobody. */
  | { readonly type: 'ban:unreadable'; readonly key: string }

/** Bans, and what the rest of the relay asks them. */
export interface BanBook extends Bans {
  ofPeer(peer: string): Ban | undefined
  ofAddress(address: string): Ban | undefined
  /** Forgets what has expired. */
  sweep(): Promise<void>
}

/** What {@link openBans} wants to know. */
export interface BanOptions {
  readonly datastore: Datastore
  readonly limits: { readonly relayBans: number }
  readonly onEvent: (event: BanEvent) => void
  readonly now?: () => number
}

/** Reads the bans that are stored. */
export async function openBans(options: BanOptions): Promise<BanBook> {
  const { limits, onEvent } = options
  const now = options.now ?? Date.now
  const store = createBanStore(options.datastore)
  const table = new BanTable(now)
  for (const ban of await store.load(key => onEvent({ type: 'ban:unreadable', key }))) table.set(ban)

  const end = async (ban: Ban, reason: 'removed' | 'expired'): Promise<void> => {
    if (table.remove(ban.id) === undefined) return
    onEvent({ type: 'ban:removed', ban, reason })
    await written(store.delete(ban.id))
  }
  const sweep = async (): Promise<void> => {
    for (const ban of table.expired()) await end(ban, 'expired')
  }
  return {
    list: () => table.list(),
    ofPeer: peer => table.ofPeer(peer),
    ofAddress: address => table.ofAddress(address),
    sweep,
    async add(request) {
      const parsed = parseBan(request, now())
      if (!parsed.ok) return { ok: false, code: 'ban/invalid', message: parsed.message }
      const { kind, value, reason, expiresAtMs } = parsed
      if (table.size >= limits.relayBans) await sweep()
      const old = table.find(kind, value)
      if (old === undefined && table.size >= limits.relayBans) {
        return { ok: false, code: 'ban/full', message: `There are ${table.size} bans already; remove some first.` }
      }
      const ban: Ban = { id: old?.id ?? randomUUID(), kind, value, reason, createdAtMs: now(), expiresAtMs }
      // It binds before it is on disk: a full disk must not protect an attacker.
      table.set(ban)
      onEvent({ type: 'ban:added', ban })
      await written(store.put(ban))
      return { ok: true, ban }
    },
    async remove(id) {
      const ban = table.get(id)
      if (ban === undefined) return false
      await end(ban, 'removed')
      return true
    },
  }
}

async function written(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (cause) {
    throw new RelayError(
      'relay/data-dir-unusable',
      'The change of a ban could not be written to the data directory.',
      cause,
    )
  }
}
