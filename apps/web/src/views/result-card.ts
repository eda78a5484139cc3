import { type TemplateResult, html, nothing } from 'lit'

import { type GameActions, type GameModel, type GoSeat, otherSeat } from '../game/game-model.ts'
import { seatName } from './seat-card.ts'
import { resultSentence } from './words.ts'

/** The result of a game that is over, and what its players may do next. */
export function resultCard(
  model: GameModel,
  actions: GameActions,
  askPublish: () => void,
): TemplateResult | typeof nothing {
  if (model.phase !== 'over' || model.result === null) return nothing
  return html`<section class="card over" aria-labelledby="result-title">
    <h2 id="result-title" data-testid="result" data-result=${model.result}>${resultSentence(model.result)}</h2>
    ${
      model.mySeat === null
        ? nothing
        : html`${rematch(model, model.mySeat)}
            <div class="buttons">
              ${rematchButton(model, actions)}
              <a class="button" href="#/">New game</a>
              ${model.isPublished ? nothing : html`<button class="quiet" @click=${askPublish}>Keep in the relay’s archive</button>`}
            </div>`
    }
  </section>`
}

function rematch(model: GameModel, mySeat: GoSeat): TemplateResult | typeof nothing {
  const { rematchOfferedBy } = model
  if (rematchOfferedBy === null) return nothing
  return rematchOfferedBy === mySeat
    ? html`<p class="hint">Rematch offered. You both move to it when it is accepted.</p>`
    : html`<p><bdi>${seatName(model.seats[otherSeat(mySeat)].name)}</bdi> offers a rematch, with colours swapped.</p>`
}

function rematchButton(model: GameModel, actions: GameActions): TemplateResult {
  const { rematchOfferedBy, mySeat, can } = model
  if (rematchOfferedBy === null) {
    return html`<button class="primary" ?disabled=${!can.has('offer-rematch')} @click=${() => actions.offerRematch()}>
      Offer a rematch
    </button>`
  }
  return html`<button class="primary" ?disabled=${!can.has('join-rematch')} @click=${() => actions.joinRematch()}>
    ${rematchOfferedBy === mySeat ? 'Go to the rematch' : 'Play the rematch'}
  </button>`
}
