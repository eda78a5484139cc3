import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

import sirv from 'sirv'

import { type CompressedPage, answerCompressed, compressPage } from './compressed-page.ts'

/** Serves a file of the page, or calls `next` when there is none of that name. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** A built page, ready to be served. */
export interface Page {
  readonly handle: PageHandler
  /** Settles once the text files are compressed; until then they are served as they are. */
  readonly compressed: Promise<void>
}

/** A year: what has a hash in its name never changes. */
const immutable = 'public, max-age=31536000, immutable'
const cacheControlOf = (path: string): string => (path.startsWith('/assets/') ? immutable : 'no-cache')

/**
 * Serves a built page: entity tags everywhere, files below `/assets/` for ever (their names hold a hash), everything else asked
 * for again, text compressed. The folder is read once, so a page that is built anew shows after a restart.
 *
 * @returns `undefined` when the folder holds no page
 */
export function createPage(folder: string): Page | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined
  let copies: CompressedPage = new Map()
  const files = sirv(folder, {
    etag: true,
    gzip: true,
    brotli: true,
    dotfiles: false,
    setHeaders: (response, path) => response.setHeader('Cache-Control', cacheControlOf(path)),
  })
  return {
    handle(request, response, next) {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
      if (!answerCompressed(copies, request, response, path, cacheControlOf(path))) files(request, response, next)
    },
    // A page that cannot be compressed is served as it is.
    compressed: compressPage(folder).then(
      page => {
        copies = page
      },
      () => {},
    ),
  }
}
