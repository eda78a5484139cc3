import type { Question } from '@tsugi/look'

import type { GameActions, GameModel } from '../game/game-model.ts'

/** Asked before a pass. */
export function passQuestion(model: GameModel, actions: GameActions): Question {
  const isEndOfPlay = model.moves.at(-1)?.vertex === null
  return {
    title: 'Pass?',
    text: isEndOfPlay
      ? 'Your opponent has passed too, so play stops and you count the board.'
      : 'You place no stone, and it is your opponent’s turn.',
    yes: 'Pass',
    no: 'Keep thinking',
    isGrave: false,
    confirmed: () => actions.pass(),
  }
}

/** Asked before a game is given up. */
export function resignQuestion(actions: GameActions): Question {
  return {
    title: 'Resign the game?',
    text: 'Your opponent wins. This cannot be taken back.',
    yes: 'Resign',
    no: 'Play on',
    isGrave: true,
    confirmed: () => actions.resign(),
  }
}

/** Asked before a game leaves the hands of its players. */
export function publishQuestion(actions: GameActions): Question {
  return {
    title: 'Keep the game in the relay’s archive?',
    text: 'Until now only those with a link could read it. Whoever runs the relay will be able to read its moves, names and result, and to pass them on.',
    yes: 'Keep it',
    no: 'No',
    isGrave: false,
    confirmed: () => actions.publish(),
  }
}
