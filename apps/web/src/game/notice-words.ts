import { formatVertex } from '@tsugi/go'
import type { Notice } from '@tsugi/match'

import type { SoundName } from '../sound/sound-box.ts'
import { colorName, resultSentence } from '../views/words.ts'
import { type GameModel, type GoSeat, seatColor } from './game-model.ts'

/** What a notice sounds like and what a screen reader says of it. */
export interface NoticeWords {
  readonly sound: SoundName | null
  /** Null when nothing is to be said. */
  readonly text: string | null
}

/** Puts a notice into words, for `aria-live`: `Black D4. Your turn.` */
export function noticeWords(notice: Notice, model: GameModel): NoticeWords {
  const say = (text: string | null, sound: SoundName | null = null): NoticeWords => ({ text, sound })
  const turn = model.turn !== null && model.turn === model.mySeat && model.phase === 'playing' ? ' Your turn.' : ''
  switch (notice.type) {
    case 'seated':
      return notice.mine
        ? say(`You play ${who(notice.seat)}.`)
        : say(`${who(notice.seat)} has sat down.${turn}`, 'turn')
    case 'seat-lost':
      return say('Somebody else sat down first. You are watching.')
    case 'moved': {
      const size = model.setup?.size ?? 19
      const point = typeof notice.move === 'number' ? formatVertex(notice.move, size) : ''
      const taken = capturedBy(model, notice.ply)
      const captured = taken === 0 ? '' : `, ${taken} captured`
      return say(`${who(notice.seat)} ${point}${captured}.${turn}`, taken === 0 ? 'stone' : 'capture')
    }
    case 'passed':
      return say(`${who(notice.seat)} passes.${turn}`, 'pass')
    case 'undo-asked':
      return notice.mine
        ? say('You asked to take back a move.')
        : say(`${who(notice.seat)} asks to take back a move.`, 'turn')
    case 'undone':
      return say(`Taken back to move ${notice.toPly}.${turn}`, 'stone')
    case 'undo-refused':
      return say(notice.mine ? 'You refused the undo.' : 'Your undo was refused.')
    case 'settling':
      return say('Both passed. Count the board.', 'turn')
    case 'proposed':
      return notice.mine ? say(null) : say(`${who(notice.seat)} changed the dead stones.`, 'stone')
    case 'accepted':
      return notice.mine ? say('You accepted the count.') : say(`${who(notice.seat)} accepts the count.`, 'turn')
    case 'resumed':
      return say(`Play goes on.${turn}`, 'turn')
    case 'over':
      return say(resultSentence(notice.outcome.text), 'end')
    case 'rematch-offered':
      return notice.mine ? say('Rematch offered.') : say(`${who(notice.seat)} offers a rematch.`, 'turn')
    case 'rewound':
      return say(`The moves after move ${notice.toPly} no longer count.`)
    case 'caught-up':
      return notice.ply === 0 ? say(null) : say(`Caught up to move ${notice.ply}.${turn}`)
    case 'cheat-proved':
      return say('A player has signed two different things. That is proof of cheating.')
    case 'presence':
      if (notice.seat === model.mySeat) return say(null)
      return say(
        `${who(notice.seat)} is ${notice.status === 'here' ? 'here' : notice.status === 'away' ? 'away' : 'gone'}.`,
      )
  }
}

function who(seat: number): string {
  return colorName(seatColor(seat === 1 ? 1 : 0))
}

/** How many stones the move that led to a ply has taken. */
function capturedBy(model: GameModel, ply: number): number {
  const after = model.positions[ply]
  const before = model.positions[ply - 1]
  if (!after || !before) return 0
  const sum = (seat: GoSeat): number => after.captures[seatColor(seat)] - before.captures[seatColor(seat)]
  return sum(0) + sum(1)
}
