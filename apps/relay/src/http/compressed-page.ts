import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** What is text, and therefore worth compressing, with its type. */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}
/** Below this size a packet is sent in any case. */
const minBytes = 1_024
/** A page beyond this is served as it is: the copies are held in memory. */
const maxTotalBytes = 32 * 1_024 * 1_024
/** Nearly as small as the highest setting, in a tenth of its time. */
const brotliQuality = 9

type Encoding = 'br' | 'gzip'
interface Variant {
  readonly body: Buffer
  readonly etag: string
}
interface CompressedFile {
  readonly type: string
  readonly variants: Readonly<Record<Encoding, Variant>>
}

/** Compressed copies of a page's text files, by path. */
export type CompressedPage = ReadonlyMap<string, CompressedFile>

/**
 * Compresses the text files of a built page, once, off the main thread. Where a build has left `.br` or `.gz` files of its own,
 * those are served instead, and nothing is done here.
 */
export async function compressPage(folder: string): Promise<CompressedPage> {
  const page = new Map<string, CompressedFile>()
  let total = 0
  const names = new Set(await readdir(folder, { recursive: true }))
  for (const name of names) {
    const type = types[extname(name)]
    if (type === undefined || names.has(`${name}.br`) || names.has(`${name}.gz`)) continue
    const path = join(folder, name)
    const { size } = await stat(path)
    if (size < minBytes || total + size > maxTotalBytes) continue
    total += size
    const body = await readFile(path)
    const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_SIZE_HINT]: size }
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(body, { params }),
      promisify(gzip)(body, { level: 9 }),
    ])
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
    const variants = { br: { body: br, etag: `"${hash}-br"` }, gzip: { body: gz, etag: `"${hash}-gz"` } }
    page.set(`/${relative(folder, path).split(sep).join('/')}`, { type, variants })
  }
  return page
}

/**
 * Answers with a compressed copy when there is one and the client takes it.
 *
 * @param path - as in the map; `/` stands for `/index.html`
 * @returns whether it answered
 */
export function answerCompressed(
  page: CompressedPage,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  cacheControl: string,
): boolean {
  const file = page.get(path === '/' ? '/index.html' : path)
  if (file === undefined) return false
  // Whatever is answered here depends on this header, also when it is the plain file.
  response.setHeader('Vary', 'Accept-Encoding')
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '')
  if (encoding === undefined || request.headers.range !== undefined) return false
  const { body, etag } = file.variants[encoding]
  response.setHeader('Cache-Control', cacheControl)
  response.setHeader('ETag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return true
  }
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Encoding': encoding, 'Content-Length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
  return true
}

/** The better one of those that a client takes; one with `q=0` it does not take. */
function encodingFor(header: string): Encoding | undefined {
  const accepted = new Set(
    header
      .split(',')
      .map(each => each.trim().toLowerCase())
      .filter(each => !/;\s*q=0(?:\.0*)?$/.test(each))
      .map(each => each.split(';', 1)[0]?.trim()),
  )
  if (accepted.has('br')) return 'br'
  return accepted.has('gzip') ? 'gzip' : undefined
}
