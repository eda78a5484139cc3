import { createHash } from 'node:crypto'

import { keptIdBytes } from '@tsugi/protocol'
import { Key } from 'interface-datastore'

const prefix = '/tsugi/records'

/** Where the key lies that hides the names of peers and addresses. */
export const saltKey = new Key(`${prefix}/salt`)
/** Below it stand the headers of all games. */
export const gamesPrefix = `${prefix}/games/`

/** A game stands under its topic's hash: names of any length, and none of them on disk. */
export function gameOf(topic: string): string {
  return createHash('sha256').update(topic).digest('hex').slice(0, 32)
}

/** A record's id, the same as `keptRecordId` of the protocol, by the machine's own SHA-256. [Q2] */
export function recordIdOf(sealed: Uint8Array): Buffer {
  return createHash('sha256').update(sealed).digest().subarray(0, keptIdBytes)
}

export function gameKey(game: string): Key {
  return new Key(gamesPrefix + game)
}

/** Below it stand a game's records, in the order of their places. */
export function recordsPrefix(game: string): string {
  return `${prefix}/records/${game}/`
}

export function recordKey(game: string, place: number): Key {
  return new Key(recordsPrefix(game) + place.toString(16).padStart(14, '0'))
}

/** Below it stand the ids of a game's records. */
export function idsPrefix(game: string): string {
  return `${prefix}/ids/${game}/`
}

export function idKey(game: string, id: Uint8Array): Key {
  return new Key(idsPrefix(game) + Buffer.from(id).toString('hex'))
}
