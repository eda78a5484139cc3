import { type TemplateResult, html, nothing } from 'lit'

import { type GameActions, type GameModel, otherSeat } from '../game/game-model.ts'
import { seatName } from './seat-card.ts'

/** An undo that waits for this player's answer. */
export function requestCard(model: GameModel, actions: GameActions): TemplateResult | typeof nothing {
  if (model.mySeat === null) return nothing
  const other = otherSeat(model.mySeat)
  if (model.undoAskedBy !== other) return nothing
  return html`<section class="card request" aria-label="Undo request">
    <p><bdi>${seatName(model.seats[other].name)}</bdi> asks to take back the last move.</p>
    <div class="buttons">
      <button class="primary" @click=${() => actions.answerUndo(true)}>Allow it</button>
      <button @click=${() => actions.answerUndo(false)}>Refuse</button>
    </div>
  </section>`
}
