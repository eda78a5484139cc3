import { gameToSgf, writeSgf } from '@tsugi/go'

import { clampText } from '../views/words.ts'
import type { GameModel } from './game-model.ts'

/** A file to hand to the user. */
export interface SgfFile {
  readonly text: string
  readonly fileName: string
}

/** A game as an SGF file. Answers null while not even the board is known. */
export function sgfOf(model: GameModel, day: Date): SgfFile | null {
  const { setup } = model
  if (!setup) return null
  const [black, white] = model.seats.map(seat => clampText(seat.name ?? '', 32) || 'Anonymous') as [string, string]
  const date = `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`
  const tree = gameToSgf({
    setup,
    moves: model.moves.map(move => ({ vertex: move.vertex, color: move.seat === 0 ? 'black' : 'white' })),
    ...(model.result === null ? {} : { result: model.result }),
    info: { blackName: black, whiteName: white, date, overtime: model.clockSentence.replaceAll('\u00a0', ' ') },
  })
  return { text: writeSgf([tree]), fileName: `${date}-${fileWord(black)}-${fileWord(white)}.sgf` }
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

/** A name as part of a file name, safe on every system. */
function fileWord(name: string): string {
  return name.normalize('NFKD').replaceAll(/[^A-Za-z0-9]+/g, '') || 'player'
}
