import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

import sirv from 'sirv'

/** Serves a file of the page, or calls `next` when there is none of that name. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** A year: what has a hash in its name never changes. */
const immutable = 'public, max-age=31536000, immutable'

/**
 * Serves a built page: entity tags everywhere, files below `/assets/` for ever (their names hold a hash), everything else asked
 * for again; precompressed files where they stand beside the originals.
 *
 * @returns `undefined` when the folder holds no page
 */
export function createPageHandler(folder: string): PageHandler | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined
  return sirv(folder, {
    etag: true,
    gzip: true,
    brotli: true,
    dotfiles: false,
    setHeaders(response, path) {
      response.setHeader('Cache-Control', path.startsWith('/assets/') ? immutable : 'no-cache')
    },
  })
}
