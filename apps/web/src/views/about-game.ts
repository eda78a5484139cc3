import type { RulesetName } from '@tsugi/go'
import { type TemplateResult, html, nothing } from 'lit'

import type { GameModel } from '../game/game-model.ts'
import { icons } from './icons.ts'
import { lineChip } from './line-chip.ts'

/** What a game is played by and over, who watches, and what was refused. */
export function aboutGame(model: GameModel, download: () => void): TemplateResult {
  return html`<footer class="about-game">
      ${lineChip(model.line)}
      <span class="watchers" data-testid="peers" data-watchers=${model.watchers}
        >${icons.eye}${model.watchers} watching</span
      >
      ${
        model.moves.length > 0
          ? html`<button class="quiet" @click=${download}>${icons.download}<span>SGF</span></button>`
          : nothing
      }
    </footer>
    ${
      model.refused > 0
        ? html`<p class="hint">
            Refused so far: ${model.refused} ${model.refused === 1 ? 'message that breaks' : 'messages that break'} the
            rules. They changed nothing.
          </p>`
        : nothing
    }
    <p class="hint setup-line">${setupLine(model)}</p>`
}

const rulesNames: Readonly<Record<RulesetName, string>> = {
  aga: 'AGA',
  chinese: 'Chinese',
  japanese: 'Japanese',
  'new-zealand': 'New Zealand',
}

function setupLine({ setup, clockSentence }: GameModel): string {
  if (!setup) return ''
  const handicap = setup.handicap > 0 ? `, ${setup.handicap} handicap stones` : ''
  return `${setup.size} × ${setup.size}, ${rulesNames[setup.ruleset]} rules, komi ${setup.komi}${handicap}. ${clockSentence}`
}
