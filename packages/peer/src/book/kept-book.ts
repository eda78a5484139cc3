import type { TaskGroup } from '@tsugi/bounded'

import type { TransportRace } from '../node/transport-race.ts'
import type { PeerBook } from './address-book.ts'
import type { BookStore } from './book-store.ts'

/** What {@link keepBook} needs. */
export interface KeptBookOptions {
  readonly tasks: TaskGroup
  readonly book: PeerBook
  readonly race: TransportRace
  readonly store: BookStore
  readonly everyMs: number
}

/** A book that is written down again and again. */
export interface BookKeeper {
  /** Writes it now if it has changed, and closes the store. */
  finish(): Promise<void>
}

/** Writes a book, and what races to relays have shown, down again and again while they change, and when the page is hidden: that may be the last one hears of it. */
export function keepBook({ tasks, book, race, store, everyMs }: KeptBookOptions): BookKeeper {
  let written = -1
  const write = async (): Promise<void> => {
    const changes = book.changes + race.changes
    if (changes === written) return
    await store.save({ peers: book.toKept(), ways: race.toKept() })
    written = changes
  }
  tasks.interval('keep book', everyMs, write)
  if (globalThis.document !== undefined) tasks.listen('keep book', globalThis.document, 'visibilitychange', write)
  return {
    async finish() {
      try {
        await write()
      } finally {
        store.close()
      }
    },
  }
}
