import type { TaskGroup } from '@tsugi/bounded'

import type { PeerBook } from './address-book.ts'
import type { BookStore } from './book-store.ts'

/** What {@link keepBook} needs. */
export interface KeptBookOptions {
  readonly tasks: TaskGroup
  readonly book: PeerBook
  readonly store: BookStore
  readonly everyMs: number
}

/** A book that is written down. */
export interface KeptBook {
  /** Writes it now if it has changed, and closes the store. */
  finish(): Promise<void>
}

/** Writes a book down again and again while it changes, and when the page is hidden: that may be the last one hears of it. */
export function keepBook({ tasks, book, store, everyMs }: KeptBookOptions): KeptBook {
  let written = -1
  const write = async (): Promise<void> => {
    const { changes } = book
    if (changes === written) return
    await store.save(book.toKept())
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
