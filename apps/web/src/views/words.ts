import type { GameSummary } from '../storage/game-entry.ts'

/** `Black` or `White`. */
export function colorName(color: 'black' | 'white'): string {
  return color === 'black' ? 'Black' : 'White'
}

/** How long ago something was, roughly. */
export function ago(then: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - then) / 1_000))
  if (seconds < 60) return 'just now'
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ago`
  const days = Math.floor(hours / 24)
  return days === 1 ? 'yesterday' : `${days} days ago`
}

/** How long something has lasted, to the second at first: `40 s`, `3 min`. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
}

/** A result as a sentence: `Black wins by 3.5 points`. */
export function resultSentence(text: string): string {
  const match = /^([BW])\+(.+)$/.exec(text)
  if (!match)
    return text === 'Void' ? 'The game has no result.' : text === 'Draw' || text === '0' ? 'The game is a draw.' : text
  const winner = match[1] === 'B' ? 'Black' : 'White'
  const how = match[2] ?? ''
  if (/^R/i.test(how)) return `${winner} wins by resignation.`
  if (/^T/i.test(how)) return `${winner} wins on time.`
  return `${winner} wins by ${how} ${how === '1' ? 'point' : 'points'}.`
}

/** Where a kept game stands, in a few words. */
export function summaryState(summary: GameSummary): string {
  switch (summary.state) {
    case 'waiting':
      return 'Waiting for an opponent'
    case 'over':
      return summary.result === null ? 'Over' : resultSentence(summary.result)
    case 'playing':
      if (summary.myColor === null) return `Move ${summary.moves}`
      return summary.myTurn ? 'Your turn' : 'Your opponent’s turn'
  }
}

/** Text from others: cut to a length that the page can bear, without control characters. Shown as a text node only. */
export function clampText(text: string, most: number): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const characters = Array.from(clean)
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : clean
}
