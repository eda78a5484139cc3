import { type GoState, formatVertex, goCodes, isLegal, playMove } from '@tsugi/go'

import type { GameModel } from '../game/game-model.ts'

/** Why a stone cannot be placed, in words; null when it can. */
export function placingRefusal(model: GameModel, state: GoState | undefined, vertex: number): string | null {
  if (!state) return 'The game has not been found yet.'
  if (!model.can.has('play')) {
    return model.phase === 'waiting' ? 'Your opponent has not sat down yet.' : 'It is not your turn.'
  }
  if (isLegal(state, vertex)) return null
  const played = playMove(state, vertex)
  return `${formatVertex(vertex, state.setup.size)}: ${played.ok ? 'That move is not allowed.' : goCodes[played.code]}`
}

/** What to say of a coordinate that is none. */
export function noPointText(text: string, size: number): string {
  return `“${text}” is not a point of this board. Points are named like D4, from A1 to ${formatVertex(size - 1, size)}.`
}
