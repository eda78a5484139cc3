import type { Color } from './color.ts'

/** How a game ended, as far as its result line says. */
export type GameResult =
  | { readonly by: 'score'; readonly winner: Color | null; readonly margin: number }
  | { readonly by: 'resignation' | 'time' | 'forfeit'; readonly winner: Color }
  | { readonly by: 'void' }

const reasons = { resignation: 'R', time: 'T', forfeit: 'F' } as const

/** Writes a result as SGF's `RE` does: `B+3.5`, `W+R`, `B+T`, `0` for a draw, `Void` for no result. */
export function formatResult(result: GameResult): string {
  if (result.by === 'void') return 'Void'
  if (result.winner === null) return '0'
  return `${result.winner === 'black' ? 'B' : 'W'}+${result.by === 'score' ? result.margin : reasons[result.by]}`
}

/** Reads what {@link formatResult} writes and its usual spellings (`W+Resign`, `Draw`), or answers null. */
export function parseResult(text: string): GameResult | null {
  const plain = text.trim()
  if (/^(0|draw|jigo)$/i.test(plain)) return { by: 'score', winner: null, margin: 0 }
  if (/^void$/i.test(plain)) return { by: 'void' }
  const match = /^([BW])\+(?:(R(?:esign)?)|(T(?:ime)?)|(F(?:orfeit)?)|([0-9]{1,3}(?:\.[0-9]{1,2})?))$/i.exec(plain)
  if (!match) return null
  const winner = match[1]?.toUpperCase() === 'B' ? 'black' : 'white'
  if (match[2]) return { by: 'resignation', winner }
  if (match[3]) return { by: 'time', winner }
  if (match[4]) return { by: 'forfeit', winner }
  return { by: 'score', winner, margin: Number(match[5]) }
}
