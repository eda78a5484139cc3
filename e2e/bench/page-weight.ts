import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../../apps/web/dist', import.meta.url))

/** What a visitor downloads, in bytes of gzip. */
export interface PageWeight {
  readonly javascript: number
  readonly styles: number
  /** The scripts that the page names itself: what the board waits for. */
  readonly firstJavascript: number
}

/** Weighs the built page. */
export function weighPage(): PageWeight {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const weigh = (ending: string, isWanted = (_file: string): boolean => true): number =>
    files
      .filter(file => file.endsWith(ending) && isWanted(file))
      .reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0)
  return {
    javascript: weigh('.js'),
    styles: weigh('.css'),
    firstJavascript: weigh('.js', file => html.includes(file.split('/').at(-1) ?? file)),
  }
}
