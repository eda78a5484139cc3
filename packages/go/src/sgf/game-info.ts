import { escapeSgf, sgfSimpleText, sgfText } from './text.ts'
import type { SgfNode } from './tree.ts'

/** What a record tells about a game besides its moves; all of it plain text. */
export interface GameInfo {
  readonly blackName?: string
  readonly whiteName?: string
  readonly blackRank?: string
  readonly whiteRank?: string
  readonly gameName?: string
  readonly event?: string
  readonly round?: string
  readonly place?: string
  /** Days as ISO 8601 writes them: `2026-11-21`. */
  readonly date?: string
  readonly source?: string
  readonly user?: string
  readonly copyright?: string
  /** About the game as a whole; may have several lines. */
  readonly gameComment?: string
  /** Seconds of main time, as digits. */
  readonly timeLimit?: string
  /** How overtime works, in words: `5x30 byo-yomi`. */
  readonly overtime?: string
  /** The program that wrote the record. */
  readonly application?: string
}

const names: Readonly<Record<keyof GameInfo, string>> = {
  blackName: 'PB',
  whiteName: 'PW',
  blackRank: 'BR',
  whiteRank: 'WR',
  gameName: 'GN',
  event: 'EV',
  round: 'RO',
  place: 'PC',
  date: 'DT',
  source: 'SO',
  user: 'US',
  copyright: 'CP',
  gameComment: 'GC',
  timeLimit: 'TM',
  overtime: 'OT',
  application: 'AP',
}

const fields = Object.entries(names) as [keyof GameInfo, string][]

/** The properties of a root node for what is told; empty texts are left out. */
export function gameInfoToSgf(info: GameInfo): Record<string, string[]> {
  const node: Record<string, string[]> = {}
  for (const [field, name] of fields) {
    const text = info[field]
    if (text) node[name] = [escapeSgf(text)]
  }
  return node
}

/** What a root node tells; absent fields are absent. */
export function sgfToGameInfo(root: SgfNode): GameInfo {
  const info: Partial<Record<keyof GameInfo, string>> = {}
  for (const [field, name] of fields) {
    const raw = root[name]?.[0]
    const text = raw === undefined ? '' : field === 'gameComment' ? sgfText(raw) : sgfSimpleText(raw)
    if (text !== '') info[field] = text
  }
  return info
}
