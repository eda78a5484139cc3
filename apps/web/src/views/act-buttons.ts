import { type TemplateResult, html, nothing } from 'lit'

import type { GameActions, GameModel } from '../game/game-model.ts'
import { icons } from './icons.ts'

/** What is asked before it is done. */
export interface FinalActs {
  readonly pass: () => void
  readonly resign: () => void
}

/** What a player can do besides placing a stone. */
export function actButtons(model: GameModel, actions: GameActions, ask: FinalActs): TemplateResult | typeof nothing {
  if (model.mySeat === null || model.phase !== 'playing') return nothing
  return html`${
      model.can.has('claim-time')
        ? html`<button class="primary wide" @click=${() => actions.claimTime()}>Claim the win on time</button>`
        : nothing
    }
    <div class="buttons acts" role="group" aria-label="Actions">
      <button ?disabled=${!model.can.has('pass')} @click=${ask.pass}>Pass</button>
      <button ?disabled=${!model.can.has('ask-undo')} @click=${() => actions.askUndo()}>
        ${icons.undo}<span>${model.undoAskedBy === model.mySeat ? 'Undo asked' : 'Undo'}</span>
      </button>
      <button ?disabled=${!model.can.has('resign')} @click=${ask.resign}>${icons.flag}<span>Resign</span></button>
    </div>`
}
