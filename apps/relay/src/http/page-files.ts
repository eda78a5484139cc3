import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Every kind of file that a built page holds; others are not served. */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}
const incompressible = new Set(['.jpg', '.png', '.webp', '.woff2'])
/** Below this size a packet is sent in any case. */
const minCompressedBytes = 1_024
/** A page is held in memory; what exceeds this is left out and said so. */
const maxTotalBytes = 32 * 1_024 * 1_024
/** Nearly as small as the highest setting, in a tenth of its time. */
const brotliQuality = 9

/** How a body may travel; `identity` as it is. */
export type Encoding = 'br' | 'gzip' | 'identity'

/** One file, ready to be sent. */
export interface PageFile {
  readonly type: string
  readonly hash: string
  /** `identity` is always there. */
  readonly bodies: Map<Encoding, Buffer>
}

/** A page's files by their path in the address, such as `/assets/main-1a2b.js`. */
export type PageFiles = ReadonlyMap<string, PageFile>

/**
 * Reads a built page into memory, so that serving it opens no file: a page that is built anew meanwhile, or a process that is out of
 * file descriptors, cannot break an answer. Dot files are left out.
 *
 * @throws RangeError when the folder holds more than 32 MiB
 */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>()
  let total = 0
  for (const name of await readdir(folder, { recursive: true })) {
    const type = types[extname(name)]
    const parts = name.split(sep)
    if (type === undefined || parts.some(part => part.startsWith('.'))) continue
    const path = join(folder, name)
    total += (await stat(path)).size
    if (total > maxTotalBytes) throw new RangeError(`The page in ${folder} is larger than 32 MiB.`)
    const body = await readFile(path)
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
    files.set(`/${parts.join('/')}`, { type, hash, bodies: new Map([['identity', body]]) })
  }
  return files
}

/** Adds compressed copies, one file after another, off the main thread. */
export async function compressPageFiles(files: PageFiles): Promise<void> {
  for (const [path, { bodies }] of files) {
    const body = bodies.get('identity')
    if (body === undefined || body.length < minCompressedBytes || incompressible.has(extname(path))) continue
    const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_SIZE_HINT]: body.length }
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(body, { params }),
      promisify(gzip)(body, { level: 9 }),
    ])
    bodies.set('br', br).set('gzip', gz)
  }
}
