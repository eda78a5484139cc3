import { type TemplateResult, html, nothing } from 'lit'

import type { Stats } from '../api/answers.ts'
import type { ChartLine } from '../charts/figure-chart.ts'
import type { Timeline } from '../charts/timeline.ts'
import { bytesText, countText, delayText, perSecondText, rateText, shareText } from '../format/units.ts'

/** One card: a figure, large, and how it came to be so. */
interface Figure {
  readonly id: string
  readonly title: string
  readonly lines: readonly ChartLine[]
  readonly text: (value: number) => string
  readonly floor: number
  /** What the first line is measured against. */
  readonly limit?: (stats: Stats) => number | null
  /** More about now, under the figure. */
  readonly note?: (stats: Stats) => string
}

const one = '--line-1'
const two = '--line-2'

const figures: readonly Figure[] = [
  {
    id: 'peers',
    title: 'Peers',
    lines: [
      { name: 'peers', label: 'connected', color: one },
      { name: 'reservations', label: 'with a reservation', color: two },
    ],
    text: countText,
    floor: 4,
    limit: stats => stats.limits['relayPeers'] ?? null,
  },
  {
    id: 'circuits',
    title: 'Circuits',
    lines: [
      { name: 'circuits', label: 'open', color: one },
      { name: 'topics', label: 'topics routed', color: two },
    ],
    text: countText,
    floor: 4,
  },
  {
    id: 'bandwidth',
    title: 'Bandwidth',
    lines: [
      { name: 'relayedBytesPerSecond', label: 'on circuits', color: one },
      { name: 'gossipBytesPerSecond', label: 'gossip', color: two },
    ],
    text: rateText,
    floor: 1_000,
    limit: stats => stats.limits['relayBytesPerSecond'] ?? null,
  },
  {
    id: 'memory',
    title: 'Memory',
    lines: [
      { name: 'rssBytes', label: 'resident', color: one },
      { name: 'heapUsedBytes', label: 'heap', color: two },
    ],
    text: bytesText,
    floor: 1_000_000,
    limit: stats => stats.memory.limitBytes,
    note: stats => (stats.memory.level === 'normal' ? '' : `level: ${stats.memory.level}`),
  },
  {
    id: 'cpu',
    title: 'CPU',
    lines: [{ name: 'cpuShare', label: 'of one core', color: one }],
    text: shareText,
    floor: 0.05,
  },
  {
    id: 'loop',
    title: 'Event-loop delay',
    lines: [
      { name: 'loopDelayP99Ms', label: '99 % are below', color: one },
      { name: 'loopDelayP50Ms', label: 'half are below', color: two },
    ],
    text: delayText,
    floor: 5,
  },
  {
    id: 'load',
    title: 'Load',
    lines: [
      { name: 'load', label: 'of the fullest resource', color: one },
      { name: 'limitsFactor', label: 'limits at', color: two },
    ],
    text: shareText,
    floor: 1,
  },
]

/** The cards of the figures. `cursor` is the point of the timeline under the pointer, `null` for now. */
export function figuresView(
  stats: Stats,
  timeline: Timeline,
  windowText: string,
  cursor: number | null,
): TemplateResult {
  return html`${figures.map(figure => figureCard(figure, stats, timeline, windowText, cursor))}`
}

function figureCard(
  figure: Figure,
  stats: Stats,
  timeline: Timeline,
  windowText: string,
  cursor: number | null,
): TemplateResult {
  const { id, title, lines, text } = figure
  const at = (name: string): number | null => {
    const column = timeline.values[name] ?? []
    return (cursor === null ? column.at(-1) : column[cursor]) ?? null
  }
  const [first, ...others] = lines
  const value = first === undefined ? null : at(first.name)
  const limit = figure.limit?.(stats) ?? null
  const note = figure.note?.(stats) ?? ''
  return html`<section class="card figure" aria-labelledby="figure-${id}" data-testid="figure-${id}">
    <h2 id="figure-${id}">${title}</h2>
    <p class="value" data-testid="value-${id}">
      ${value === null ? '–' : text(value)} ${limit === null ? nothing : html`<small>of ${text(limit)}</small>`}
    </p>
    <ul class="key">
      ${first === undefined ? nothing : html`<li><span class="swatch first"></span>${first.label}</li>`}
      ${others.map(line => {
        const other = at(line.name)
        return html`<li><span class="swatch"></span>${line.label} ${other === null ? '–' : text(other)}</li>`
      })}
      ${note === '' ? nothing : html`<li class="note">${note}</li>`}
    </ul>
    <figure-chart
      .timeline=${timeline}
      .lines=${lines}
      .text=${text}
      .floor=${figure.floor}
      .isWhole=${text === countText}
      .label=${labelOf(title, lines, timeline, text, windowText)}
    ></figure-chart>
  </section>`
}

/** What a chart shows, in words. */
function labelOf(
  title: string,
  lines: readonly ChartLine[],
  timeline: Timeline,
  text: (value: number) => string,
  windowText: string,
): string {
  const parts = lines.map(({ name, label }) => {
    const known = (timeline.values[name] ?? []).filter(each => each !== null)
    const now = known.at(-1)
    if (now === undefined) return `${label}: nothing yet`
    return `${label}: now ${text(now)}, between ${text(Math.min(...known))} and ${text(Math.max(...known))}`
  })
  return `${title}, ${windowText}. ${parts.join('; ')}.`
}

/** What was refused, by reason: the lines of the most frequent ones, and all of them as a table. */
export function refusalsView(
  rows: ReadonlyArray<{ readonly reason: string; readonly count: number }>,
  timeline: Timeline,
  windowText: string,
): TemplateResult {
  const total = rows.reduce((sum, each) => sum + each.count, 0)
  const lines = rows
    .slice(0, refusalLines.length)
    .map(({ reason }, index): ChartLine => ({ name: reason, label: reason, color: refusalLines[index] ?? one }))
  // Its timeline has points of its own, so what its cursor points at is none of the other charts' points.
  return html`<section
    class="card refusals"
    aria-labelledby="refusals"
    data-testid="refusals"
    @chart-cursor=${(event: Event) => event.stopPropagation()}
  >
    <h2 id="refusals">Refusals</h2>
    <p class="value">${countText(total)} <small>in ${windowText}</small></p>
    ${
      rows.length === 0
        ? html`<p class="empty">Nothing was turned away.</p>`
        : html`<div class="split">
            <figure-chart
              .timeline=${timeline}
              .lines=${lines}
              .text=${perSecondText}
              .floor=${0.2}
              .label=${labelOf('Refusals', lines, timeline, perSecondText, windowText)}
            ></figure-chart>
            <div class="scroll" tabindex="0" role="region" aria-label="Refusals by reason">
              <table class="plain">
                <thead>
                  <tr>
                    <th scope="col">Reason</th>
                    <th scope="col" class="number">Times</th>
                  </tr>
                </thead>
                <tbody>
                  ${rows.map(
                    ({ reason, count }, index) =>
                      html`<tr>
                        <td><span class="swatch line-${index < lines.length ? index + 1 : 'none'}"></span>${reason}</td>
                        <td class="number">${countText(count)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </div>`
    }
  </section>`
}

/** The colours of the most frequent reasons. */
export const refusalLines: readonly string[] = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5']
