import type { GameSummary } from '../storage/game-entry.ts'
import { type GameModel, seatColor } from './game-model.ts'

/** What the list of games says of a game; null while nothing is known of it. */
export function summaryOf(model: GameModel): GameSummary | null {
  const { setup, phase, mySeat } = model
  if (!setup || phase === 'loading') return null
  return {
    size: setup.size,
    state: phase === 'settling' ? 'playing' : phase,
    myColor: mySeat === null ? null : seatColor(mySeat),
    black: model.seats[0].name,
    white: model.seats[1].name,
    moves: model.moves.length,
    myTurn: phase === 'settling' ? mySeat !== null : mySeat !== null && model.turn === mySeat,
    result: model.result,
  }
}
