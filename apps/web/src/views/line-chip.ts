import { type TemplateResult, html } from 'lit'

import type { LineModel } from '../game/game-model.ts'
import { lineLabel, lineSentence, lineTone } from '../game/line-words.ts'
import { pop } from './pop.ts'

/** The kind of line to the opponent; opens to say what it means and why. */
export function lineChip(line: LineModel): TemplateResult {
  const tone = lineTone(line)
  return pop(
    html`<i class="light ${tone}" aria-hidden="true"></i>
      <span
        data-testid="line"
        data-kind=${tone}
        data-detail=${line.kind}
        data-round-trip-ms=${line.roundTripMs === null ? '' : Math.round(line.roundTripMs * 10) / 10}
        >${lineLabel(line)}</span
      >`,
    html`<p>${lineSentence(line)}</p>`,
    'line',
  )
}
