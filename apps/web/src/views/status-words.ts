import { type GameModel, otherSeat, seatColor } from '../game/game-model.ts'
import { seatName } from './seat-card.ts'
import { colorName, resultSentence } from './words.ts'

/** The one sentence that says what is going on, and whether it is up to the person at this page. */
export function statusOf(model: GameModel): { readonly text: string; readonly isMine: boolean } {
  const { mySeat, turn } = model
  switch (model.phase) {
    case 'loading':
      return { text: 'Looking for the game …', isMine: false }
    case 'waiting':
      return { text: mySeat === null ? 'Waiting for the players' : 'Waiting for your opponent', isMine: false }
    case 'playing': {
      if (turn === null) return { text: 'Play goes on', isMine: false }
      if (turn === mySeat) {
        const passed = model.moves.length > 0 && model.moves.at(-1)?.vertex === null
        return { text: passed ? 'Your opponent passed. Your turn' : 'Your turn', isMine: true }
      }
      if (mySeat === null) return { text: `${colorName(seatColor(turn))} to play`, isMine: false }
      return { text: `${isolated(seatName(model.seats[turn].name))} is thinking`, isMine: false }
    }
    case 'settling': {
      const mine = mySeat !== null && model.count !== null && !model.count.acceptedBy[mySeat]
      const accepted = mySeat !== null && model.count?.acceptedBy[otherSeat(mySeat)] === true
      if (mine) return { text: accepted ? 'Check the count' : 'Agree on the dead stones', isMine: true }
      return { text: 'The players are counting', isMine: false }
    }
    case 'over':
      return { text: model.result === null ? 'The game is over' : resultSentence(model.result), isMine: false }
  }
}

/** A name within a sentence, so that its direction does not turn the words around it. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`
}
