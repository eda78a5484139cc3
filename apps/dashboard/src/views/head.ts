import { type TemplateResult, html, nothing } from 'lit'
import { live } from 'lit/directives/live.js'

import type { Stats } from '../api/answers.ts'
import { momentText, shortId, spanText } from '../format/units.ts'

/** Whether the relay answers: not yet, yes, no more, or only to somebody who signs in anew. */
export type Line = 'loading' | 'online' | 'offline' | 'signed-out'

/** The windows that charts can show. */
export const windows = [
  ['15min', '15 min', 'the last 15 minutes'],
  ['1h', '1 h', 'the last hour'],
  ['24h', '24 h', 'the last day'],
] as const

/** One of {@link windows}. */
export type WindowName = (typeof windows)[number][0]

/** The bar above everything: which relay this is, and how it is. */
export function headView(stats: Stats | null, line: Line): TemplateResult {
  const [tone, words] = statusOf(stats, line)
  return html`<header class="top">
    <h1>Tsugi relay</h1>
    <p class="status ${tone}" role="status" data-testid="status"><span class="light"></span>${words}</p>
    ${
      stats === null
        ? nothing
        : html`<dl>
            <div>
              <dt>Peer id</dt>
              <dd><code class="id" title=${stats.peerId}>${shortId(stats.peerId)}</code></dd>
            </div>
            ${
              stats.relays.known === 0
                ? nothing
                : html`<div>
                    <dt>Other relays</dt>
                    <dd>${stats.relays.connected} of ${stats.relays.known}</dd>
                  </div>`
            }
            <div>
              <dt>Up for</dt>
              <dd>${spanText(stats.uptimeMs)}</dd>
            </div>
            <div>
              <dt>Version</dt>
              <dd>${stats.version}</dd>
            </div>
          </dl>`
    }
    ${
      line === 'signed-out'
        ? nothing
        : html`<form method="post" action="/dashboard/logout"><button class="small">Sign out</button></form>`
    }
  </header>`
}

function statusOf(stats: Stats | null, line: Line): readonly [tone: string, words: string] {
  if (line === 'signed-out') return ['bad', 'Signed out']
  if (line === 'offline') return ['bad', 'No answer']
  if (stats === null) return ['waiting', 'Loading']
  if (stats.isDraining) return ['warn', 'Draining']
  return stats.memory.level === 'normal' ? ['good', 'Serving'] : ['warn', `Serving, memory: ${stats.memory.level}`]
}

/** What an operator should know before anything else. */
export function noticeView(stats: Stats | null, line: Line): TemplateResult | typeof nothing {
  if (line === 'signed-out') {
    return html`<div class="notice bad" role="alert">
      <p>Your session is over. <a href="/dashboard">Sign in again</a></p>
    </div>`
  }
  if (line !== 'offline') return nothing
  const since = stats === null ? '' : ` What you see is from ${momentText(stats.atMs)}.`
  return html`<div class="notice bad" role="alert" data-testid="offline">
    <p>The relay does not answer. It may be restarting; this page goes on by itself when it is back.${since}</p>
  </div>`
}

/** Chooses the window of the charts. */
export function windowPicker(chosen: WindowName, choose: (name: WindowName) => void): TemplateResult {
  return html`<fieldset class="windows">
    <legend class="visually-hidden">Time that the charts show</legend>
    <div class="segments">
      ${windows.map(
        ([name, label]) =>
          html`<label
            ><input
              type="radio"
              name="window"
              value=${name}
              .checked=${live(name === chosen)}
              @change=${() => choose(name)}
            /><span>${label}</span></label
          >`,
      )}
    </div>
  </fieldset>`
}
