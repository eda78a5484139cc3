import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

import { type Encoding, type PageFile, compressPageFiles, readPageFiles } from './page-files.ts'

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

/** Where a page is served. */
export interface PagePlace {
  /** The path below which it is, such as `/dashboard`; default: the root. */
  readonly below?: string
  /** Whether only who asked may keep it. */
  readonly isPrivate?: boolean
}

/**
 * Serves a built page: entity tags everywhere, files below `/assets/` for ever (their names hold a hash), everything else asked
 * for again, text compressed. The folder is read once, so a page that is built anew shows after a restart.
 *
 * @returns `undefined` when the folder holds no page
 * @throws RangeError when the page is larger than is held in memory
 */
export async function createPage(folder: string, place: PagePlace = {}): Promise<Page | undefined> {
  const { below = '', isPrivate = false } = place
  if (!existsSync(join(folder, 'index.html'))) return undefined
  const files = await readPageFiles(folder)
  return {
    handle(request, response, next) {
      const asked = (request.url ?? '/').split('?', 1)[0] ?? '/'
      const rest = asked.slice(below.length)
      const path = rest === '/' || rest === '' ? '/index.html' : rest
      const file = files.get(path)
      const cacheControl = cacheControlOf(path)
      if (file === undefined) next()
      else answerFile(request, response, file, isPrivate ? cacheControl.replace('public', 'private') : cacheControl)
    },
    // A page that cannot be compressed is served as it is.
    compressed: compressPageFiles(files).catch(() => {}),
  }
}

function answerFile(request: IncomingMessage, response: ServerResponse, file: PageFile, cacheControl: string): void {
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '', file)
  const body = file.bodies.get(encoding)
  const etag = `"${file.hash}-${encoding}"`
  response.setHeader('Vary', 'Accept-Encoding')
  response.setHeader('Cache-Control', cacheControl)
  response.setHeader('ETag', etag)
  if (isAmong(etag, request.headers['if-none-match'])) {
    response.writeHead(304).end()
    return
  }
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': body?.length ?? 0 })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** A proxy may have weakened a tag, and whoever keeps several versions names them all (RFC 9110, 13.1.2). */
function isAmong(etag: string, header: string | undefined): boolean {
  return header?.split(',').some(each => each.trim().replace(/^W\//, '') === etag) ?? false
}

/** The best one of those that a file has and a client takes; one with `q=0` it does not take. */
function encodingFor(header: string, { bodies }: PageFile): Encoding {
  const accepted = new Set(
    header
      .split(',')
      .map(each => each.trim().toLowerCase())
      .filter(each => !/;\s*q=0(?:\.0*)?$/.test(each))
      .map(each => each.split(';', 1)[0]?.trim()),
  )
  return (['br', 'gzip'] as const).find(encoding => accepted.has(encoding) && bodies.has(encoding)) ?? 'identity'
}
