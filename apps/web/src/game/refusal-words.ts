import { goCodes } from '@tsugi/go'

const sentences: Record<string, string> = {
  'genesis/rules':
    'This game was made with rules that this page does not know: its maker probably has a newer version. Reload the page; if that does not help, open the link at the relay that it came from.',
  'genesis/limits': 'This game asks for more than this page allows.',
  'seat/taken': 'Both seats are taken, so you are watching.',
  'seat/not-invited': 'This link lets you watch, not play.',
  'match/waiting': 'Your opponent has not sat down yet.',
  'match/over': 'The game is over.',
  'match/archived':
    'Nothing has happened in this game for hours, so it is closed. Offer a rematch, or create a new one.',
  'match/not-playing': 'Play has stopped: count the board, or play on.',
  'match/loading': 'The game has not been found yet.',
  'move/not-your-turn': 'It is not your turn.',
  'move/illegal': 'The rules forbid that move.',
  'clock/out-of-time': 'Your time has run out.',
  'clock/too-early': 'Your opponent still has time.',
  'clock/no-anchor': 'The time cannot be claimed, because you have not moved since it started.',
  'undo/nothing': 'There is no move of yours to take back.',
  'undo/pending': 'A request to take back is already waiting.',
  'undo/refused-already': 'Your opponent has refused already. Ask again after the next move.',
  'settle/too-many': 'The dead stones were changed too often. Accept the count, or play on.',
  'settle/no-proposal': 'Nothing has been proposed yet.',
  'settle/accepted-already': 'You have accepted this count.',
  'record/limit': 'This game has reached the most moves that a game may have.',
  'session/stopped': 'This game is closed on this page. Reload it.',
  'session/store-failed':
    'This device could not keep your move, so it was not sent. Free some space, for example by removing old games on the first page, and try again.',
}

/** Why something was refused, for a person. */
export function refusalSentence(code: string, detail?: string): string {
  const byDetail = detail === undefined ? undefined : ruleSentence(detail)
  return byDetail ?? ruleSentence(code) ?? sentences[code] ?? `That is not possible now (${code}).`
}

function ruleSentence(code: string): string | undefined {
  return Object.hasOwn(goCodes, code) ? goCodes[code as keyof typeof goCodes] : undefined
}
