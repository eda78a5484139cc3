import type { SideScore } from '@tsugi/go'
import { type TemplateResult, html, nothing } from 'lit'

import { type GameActions, type GameModel, otherSeat } from '../game/game-model.ts'
import { seatName } from './seat-card.ts'
import { resultSentence } from './words.ts'

/** The count: what each side has, who has accepted, and what can be done. */
export function scorePanel(model: GameModel, actions: GameActions): TemplateResult | typeof nothing {
  const { count, mySeat } = model
  if (!count) return nothing
  return html`<section class="card count" aria-labelledby="count-title">
    <h2 id="count-title">${model.phase === 'over' ? 'The count' : 'Count the board'}</h2>
    ${
      model.phase === 'settling' && mySeat !== null
        ? html`<p class="hint">
            Both of you passed. Choose a group on the board to mark it dead or alive; the game ends when both accept the
            same count.
          </p>`
        : nothing
    }
    ${scoreTable(count.sides)} ${model.phase === 'settling' ? agreement(model, actions) : nothing}
  </section>`
}

function scoreTable([black, white]: readonly [SideScore, SideScore]): TemplateResult {
  const rows: readonly (readonly [string, (side: SideScore) => number])[] = [
    ['Stones', side => side.stones],
    ['Territory', side => side.territory],
    ['Prisoners', side => side.prisoners],
    ['Komi', side => side.komi],
    ['Handicap', side => side.handicap],
  ]
  return html`<table>
    <thead>
      <tr>
        <td></td>
        <th scope="col"><i class="dot black" aria-hidden="true"></i>Black</th>
        <th scope="col"><i class="dot white" aria-hidden="true"></i>White</th>
      </tr>
    </thead>
    <tbody>
      ${rows
        .filter(([, read]) => read(black) !== 0 || read(white) !== 0)
        .map(
          ([name, read]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${read(black)}</td>
              <td>${read(white)}</td>
            </tr>`,
        )}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row">Total</th>
        <td>${black.total}</td>
        <td>${white.total}</td>
      </tr>
    </tfoot>
  </table>`
}

function agreement(model: GameModel, actions: GameActions): TemplateResult {
  const { count, mySeat } = model
  const sentence = html`<p class="verdict" data-testid="count-result" data-result=${count?.result ?? ''}>
    ${resultSentence(count?.result ?? '')}
  </p>`
  if (mySeat === null || !count) return sentence
  const mine = count.acceptedBy[mySeat]
  const theirs = count.acceptedBy[otherSeat(mySeat)]
  const name = seatName(model.seats[otherSeat(mySeat)].name)
  return html`${sentence}
    <p class="hint" data-testid="accepted">
      ${
        mine && !theirs
          ? html`You accepted. Waiting for <bdi>${name}</bdi>.`
          : theirs
            ? html`<bdi>${name}</bdi> accepts this count.`
            : 'Nobody has accepted yet.'
      }
    </p>
    <div class="buttons">
      <button class="primary" ?disabled=${mine || !model.can.has('accept')} @click=${() => actions.accept()}>
        Accept the count
      </button>
      <button ?disabled=${!model.can.has('resume')} @click=${() => actions.resume()}>Play on</button>
    </div>`
}
