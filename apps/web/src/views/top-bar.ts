import { type TemplateResult, html } from 'lit'

import { type MeshStatus, meshLabel, meshSentence } from '../network/mesh-status.ts'
import type { Preferences } from '../storage/preferences.ts'
import { icons } from './icons.ts'
import { pop } from './pop.ts'

/** What the bar above every view shows, and what it asks for. */
export interface TopBar {
  readonly mesh: MeshStatus
  readonly muted: boolean
  readonly theme: Preferences['theme']
  toggleMuted(): void
  nextTheme(): void
}

const themeNames = { auto: 'as the device', light: 'light', dark: 'dark' } as const
const themeIcons = { auto: icons.auto, light: icons.sun, dark: icons.moon } as const

/** The bar above every view: the way home, the relay's state, sound, light and dark. */
export function topBar(bar: TopBar): TemplateResult {
  return html`<header class="top">
    <a class="brand" href="#/" aria-label="Tsugi, home">
      <svg viewBox="0 0 28 28" aria-hidden="true">
        <path class="joint" d="M7 1v26M21 1v26M1 7h26M1 21h26" />
        <circle class="stone-a" cx="7" cy="21" r="5.6" />
        <circle class="stone-a" cx="21" cy="7" r="5.6" />
        <circle class="stone-b" cx="21" cy="21" r="5.6" />
      </svg>
      Tsugi
    </a>
    ${pop(
      html`<i class="light ${bar.mesh.state}" aria-hidden="true"></i><span class="visually-hidden">Relay: </span
        ><span data-testid="relay-status" data-state=${bar.mesh.state}>${meshLabel(bar.mesh)}</span>`,
      html`<p>${meshSentence(bar.mesh, Date.now())}</p>`,
      'relay',
    )}
    <button
      class="quiet square"
      aria-label="Sound"
      aria-pressed=${String(!bar.muted)}
      title=${bar.muted ? 'Sound is off' : 'Sound is on'}
      @click=${() => bar.toggleMuted()}
    >
      ${bar.muted ? icons.muted : icons.sound}
    </button>
    <button
      class="quiet square"
      aria-label="Colours: ${themeNames[bar.theme]}"
      title="Colours: ${themeNames[bar.theme]}"
      @click=${() => bar.nextTheme()}
    >
      ${themeIcons[bar.theme]}
    </button>
  </header>`
}
