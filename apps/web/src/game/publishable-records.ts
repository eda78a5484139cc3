import { decodeRecord } from '@tsugi/protocol'

/** The records of a game that may leave the hands of its players: all but the offers of a rematch, whose secret opens the next game. */
export function publishableRecords(records: readonly Uint8Array[]): Uint8Array[] {
  return records.filter(record => {
    const read = decodeRecord(record)
    return read.ok && read.value.kind !== 'rematch'
  })
}
