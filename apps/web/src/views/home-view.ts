import { type GoSetup, handicapPoints } from '@tsugi/go'
import { LitElement, type TemplateResult, html, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'

import '../board/go-board.ts'
import { type SetupForm, changeSetup, goSetupOf, parseSetupForm } from '../game/setup-form.ts'
import type { GameEntry } from '../storage/game-entry.ts'
import { readPreferences, writePreferences } from '../storage/preferences.ts'
import { icons } from './icons.ts'
import { clockFields, colorFields, ruleFields, sizeFields } from './setup-fields.ts'
import { ago, clampText, summaryState } from './words.ts'

/** What the home page asks the application for. */
export interface HomeActions {
  create(form: SetupForm, name: string): Promise<void>
  games(): Promise<GameEntry[]>
  remove(entry: GameEntry): Promise<void>
  linkTo(entry: GameEntry): string
}

/** The first page: a form for a new game, and the games on this device. */
export class HomeView extends LitElement {
  static override properties = {
    actions: { attribute: false },
    form: { state: true },
    otherSize: { state: true },
    name: { state: true },
    games: { state: true },
    isCreating: { state: true },
    leaving: { state: true },
  }

  declare actions: HomeActions
  declare form: SetupForm
  declare otherSize: boolean
  declare name: string
  declare games: readonly GameEntry[]
  declare isCreating: boolean
  /** The game about to be removed, while the dialog asks. */
  declare leaving: GameEntry | null

  constructor() {
    super()
    const preferences = readPreferences()
    this.form = parseSetupForm(preferences.setup)
    this.otherSize = false
    this.name = preferences.name
    this.games = []
    this.isCreating = false
    this.leaving = null
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.title = 'Tsugi'
    void this.#loadGames()
  }

  async #loadGames(): Promise<void> {
    this.games = await this.actions.games()
  }

  readonly #change = (change: Partial<SetupForm>): void => {
    if (change.size !== undefined) this.otherSize = ![9, 13, 19].includes(change.size)
    this.form = changeSetup(this.form, change)
  }

  readonly #submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (this.isCreating) return
    this.isCreating = true
    writePreferences({ name: this.name.trim(), setup: JSON.stringify(this.form) })
    try {
      await this.actions.create(this.form, this.name.trim())
    } finally {
      this.isCreating = false
    }
  }

  protected override render(): TemplateResult {
    return html`<div class="home">
      <section class="start">
        <h1>Play Go with someone by sending them a link.</h1>
        <p class="lead">No account, nothing to install. Your stones travel directly between the two of you.</p>
        ${this.#formCard()}
      </section>
      <aside class="beside">
        ${this.#preview(goSetupOf(this.form))} ${this.games.length > 0 ? this.#gameList() : nothing}
      </aside>
      ${this.#removeDialog()}
    </div>`
  }

  #formCard(): TemplateResult {
    const { form } = this
    return html`<form class="card setup" aria-label="New game" @submit=${this.#submit}>
      ${sizeFields(form, this.#change, this.otherSize, () => (this.otherSize = true))}
      ${colorFields(form, this.#change)}
      <div class="pair">
        ${clockFields(form, this.#change)}
        <label class="field">
          <span>Your name</span>
          <input
            type="text"
            name="name"
            maxlength="32"
            autocomplete="nickname"
            placeholder="Anonymous"
            .value=${this.name}
            @input=${(event: Event) => (this.name = (event.currentTarget as HTMLInputElement).value)}
          />
        </label>
      </div>
      ${ruleFields(form, this.#change)}
      <button class="primary big" type="submit" ?disabled=${this.isCreating}>Create game</button>
    </form>`
  }

  #preview(setup: GoSetup): TemplateResult {
    const stones = new Uint8Array(setup.size * setup.size)
    for (const vertex of handicapPoints(setup.size, setup.handicap) ?? []) stones[vertex] = 1
    const label = `A board of ${setup.size} lines${setup.handicap > 0 ? ` with ${setup.handicap} handicap stones` : ''}`
    return html`<go-board class="preview" plain .size=${setup.size} .stones=${stones} .label=${label}></go-board>`
  }

  #gameList(): TemplateResult {
    const now = Date.now()
    return html`<section class="games" aria-labelledby="games-title">
      <h2 id="games-title">Your games</h2>
      <ul>
        ${repeat(
          this.games,
          entry => entry.key,
          entry => this.#gameLine(entry, now),
        )}
      </ul>
    </section>`
  }

  #gameLine(entry: GameEntry, now: number): TemplateResult {
    const { summary } = entry
    const other = summary.myColor === 'black' ? summary.white : summary.myColor === 'white' ? summary.black : null
    const title =
      summary.myColor === null
        ? `${clampText(summary.black ?? 'Black', 24)} – ${clampText(summary.white ?? 'White', 24)}`
        : other === null
          ? 'Open seat'
          : clampText(other === '' ? 'Anonymous' : other, 32)
    const mine = summary.myColor === null ? 'watching' : summary.myColor
    return html`<li>
      <a href=${this.actions.linkTo(entry)}>
        <span class="dot ${mine}" title=${mine === 'watching' ? 'Watching' : `You play ${mine}`}></span>
        <span class="who"><bdi>${title}</bdi> <small>${summary.size} × ${summary.size}</small></span>
        <span class="where ${summary.myTurn && summary.state === 'playing' ? 'mine' : ''}"
          >${summaryState(summary)}</span
        >
        <time>${ago(entry.updatedAt, now)}</time>
      </a>
      <button
        class="quiet square"
        aria-label="Remove the game with ${title}"
        @click=${() => {
          this.leaving = entry
        }}
      >
        ${icons.trash}
      </button>
    </li>`
  }

  protected override updated(): void {
    const dialog = this.querySelector<HTMLDialogElement>('dialog')
    if (dialog && this.leaving && !dialog.open) dialog.showModal()
  }

  #removeDialog(): TemplateResult {
    const leaving = this.leaving
    const playing = leaving?.summary.state === 'playing' && leaving.summary.myColor !== null
    return html`<dialog
      aria-labelledby="remove-title"
      @close=${async (event: Event) => {
        this.leaving = null
        if ((event.currentTarget as HTMLDialogElement).returnValue !== 'yes' || !leaving) return
        await this.actions.remove(leaving)
        await this.#loadGames()
      }}
    >
      <form method="dialog">
        <h2 id="remove-title">Remove this game?</h2>
        <p>
          ${
            playing
              ? 'It is still being played. Your seat’s key is only on this device: without it nobody can go on in your place.'
              : 'It is kept on this device only.'
          }
        </p>
        <div class="buttons">
          <button value="no" class="plain">Keep it</button>
          <button value="yes" class="danger">Remove</button>
        </div>
      </form>
    </dialog>`
  }
}

customElements.define('home-view', HomeView)
