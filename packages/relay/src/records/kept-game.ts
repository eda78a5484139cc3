import { decodeCanonical, encodeCanonical } from '@tsugi/protocol'

/** One peer's part in what is kept of a game. Peers and addresses stand here as keyed hashes: a stolen disk names nobody. */
export interface Writer {
  readonly peer: string
  readonly address: string
  bytes: number
  records: number
}

/** What is known of a kept game without reading its records. */
export interface KeptGame {
  /** The hash of its topic's name, in hexadecimal. */
  readonly id: string
  /** The address that stored its first record, as a keyed hash. */
  readonly owner: string
  readonly createdAtMs: number
  touchedAtMs: number
  /** When {@link touchedAtMs} was last written to disk. */
  savedAtMs: number
  /** The place of the next record. */
  next: number
  readonly writers: Writer[]
}

/** One header, with room for as many writers as any limit may allow. */
const maxHeaderBytes = 64 * 1_024

/** All records that a game's writers have stored. */
export function sizeOf(game: KeptGame): { readonly bytes: number; readonly records: number } {
  let [bytes, records] = [0, 0]
  for (const writer of game.writers) {
    bytes += writer.bytes
    records += writer.records
  }
  return { bytes, records }
}

/** Writes a game's header. */
export function encodeKeptGame(game: KeptGame): Uint8Array {
  return encodeCanonical({
    v: 1,
    owner: game.owner,
    created: game.createdAtMs,
    touched: game.touchedAtMs,
    next: game.next,
    writers: game.writers.map(({ peer, address, bytes, records }) => [peer, address, bytes, records]),
  })
}

/** Reads a header from disk; `undefined` when it is damaged. */
export function decodeKeptGame(id: string, bytes: Uint8Array): KeptGame | undefined {
  const decoded = decodeCanonical(bytes, maxHeaderBytes)
  if (!decoded.ok || typeof decoded.value !== 'object' || decoded.value === null) return undefined
  const { v, owner, created, touched, next, writers } = decoded.value as Record<string, unknown>
  if (v !== 1 || typeof owner !== 'string' || !isCount(created) || !isCount(touched) || !isCount(next)) return undefined
  if (!Array.isArray(writers)) return undefined
  const read: Writer[] = []
  for (const each of writers as unknown[]) {
    const [peer, address, size, records] = Array.isArray(each) ? (each as unknown[]) : []
    if (typeof peer !== 'string' || typeof address !== 'string' || !isCount(size) || !isCount(records)) return undefined
    read.push({ peer, address, bytes: size, records })
  }
  return { id, owner, createdAtMs: created, touchedAtMs: touched, savedAtMs: touched, next, writers: read }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
