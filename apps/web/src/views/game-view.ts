import { type GoState, formatVertex, koPoint, parseVertex } from '@tsugi/go'
import '@tsugi/look'
import type { AskDialog } from '@tsugi/look'
import { LitElement, type TemplateResult, html, nothing } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'

import '../board/go-board.ts'
import type { BoardChoice, BoardMode } from '../board/go-board.ts'
import { type GameActions, type GameModel, type GoSeat, otherSeat, seatColor } from '../game/game-model.ts'
import { aboutGame } from './about-game.ts'
import { actButtons } from './act-buttons.ts'
import { downloadText } from './download-text.ts'
import { icons } from './icons.ts'
import './invite-card.ts'
import './move-list.ts'
import { plyByKey } from './move-list.ts'
import { noPointText, placingRefusal } from './placing-words.ts'
import { passQuestion, publishQuestion, resignQuestion } from './questions.ts'
import { requestCard } from './request-card.ts'
import { resultCard } from './result-card.ts'
import { scorePanel } from './score-panel.ts'
import { seatCard } from './seat-card.ts'
import { statusOf } from './status-words.ts'
import { colorName } from './words.ts'

/** A game: the board, the two seats, and everything that can be done. Draws a {@link GameModel}; knows nothing of the network. */
export class GameView extends LitElement {
  static override properties = {
    model: { attribute: false },
    actions: { attribute: false },
    shownPly: { state: true },
    aim: { state: true },
    note: { state: true },
  }

  declare model: GameModel
  declare actions: GameActions
  /** The ply gone back to; null for the present. */
  declare shownPly: number | null
  declare aim: number | null
  /** Why the last choice was refused. */
  declare note: string
  readonly #dialog = createRef<AskDialog>()
  readonly #coordinate = createRef<HTMLInputElement>()
  #clock: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.shownPly = null
    this.aim = null
    this.note = ''
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('keydown', this.#onPageKey)
    // "Away for 3 min" grows by itself.
    this.#clock = setInterval(() => this.requestUpdate(), 10_000)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('keydown', this.#onPageKey)
    clearInterval(this.#clock)
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('model')) return
    const before = changed.get('model') as GameModel | undefined
    if (before && before.moves.length !== this.model.moves.length) {
      this.aim = null
      this.note = ''
      if (before.phase === 'playing') this.#dialog.value?.dismiss()
    }
    if (this.shownPly !== null && this.shownPly >= this.model.moves.length) this.shownPly = null
  }

  protected override render(): TemplateResult {
    const { model } = this
    const lower: GoSeat = model.mySeat ?? 0
    const now = Date.now()
    return html`<div
        class="game ${model.phase}"
        data-testid="phase"
        data-phase=${model.phase}
        data-refused=${model.refused}
      >
        <h1 class="visually-hidden">A game of Go</h1>
        <div class="upper">${seatCard(model, this.actions, otherSeat(lower), now)}</div>
        <div class="middle">
          <div class="board-place">${this.#board()} ${this.#aiming()}</div>
          <div class="entry">${this.#entry()}</div>
        </div>
        <div class="lower">${seatCard(model, this.actions, lower, now)}</div>
        <div class="deal">
          ${this.#status()} ${this.#proofs()} ${requestCard(model, this.actions)}
          ${actButtons(model, this.actions, { pass: this.#askPass, resign: this.#askResign })}
          ${resultCard(model, this.actions, this.#askPublish)} ${scorePanel(model, this.actions)}
          <invite-card
            .playLink=${model.phase === 'waiting' ? model.playLink : null}
            .watchLink=${model.watchLink}
            .opponentColor=${colorName(seatColor(otherSeat(lower)))}
          ></invite-card>
        </div>
        <div class="rest">
          ${
            model.moves.length > 0
              ? html`<move-list
                  .moves=${model.moves}
                  .size=${model.setup?.size ?? 19}
                  .ply=${this.#ply}
                  @go-to-ply=${(event: CustomEvent<number>) => this.#goTo(event.detail)}
                ></move-list>`
              : nothing
          }
          ${aboutGame(model, this.#download)}
        </div>
      </div>
      <ask-dialog ${ref(this.#dialog)}></ask-dialog>`
  }

  get #ply(): number {
    return this.shownPly ?? this.model.moves.length
  }

  get #isHistory(): boolean {
    return this.shownPly !== null
  }

  get #shown(): GoState | undefined {
    return this.model.positions[this.#ply]
  }

  get #mode(): BoardMode {
    if (this.#isHistory) return 'still'
    if (this.model.can.has('play')) return 'play'
    return this.model.can.has('propose') ? 'mark' : 'still'
  }

  #board(): TemplateResult {
    const { model } = this
    const state = this.#shown
    if (!state) {
      return html`<div class="board-blank" role="img" aria-label="The board, not known yet" data-testid="board-blank">
        <p>${icons.link}The game is with your opponent. It appears here as soon as they are connected.</p>
      </div>`
    }
    const { size } = state.setup
    const count = this.#isHistory ? null : model.count
    return html`<div class="board-frame">
      <go-board
        .size=${size}
        .stones=${state.board}
        .mode=${this.#mode}
        .ghost=${model.mySeat === null ? null : seatColor(model.mySeat)}
        .lastMove=${typeof state.lastMove === 'number' ? state.lastMove : null}
        .ko=${state.phase === 'playing' ? koPoint(state) : null}
        .dead=${count?.dead ?? noStones}
        .owners=${count?.owners ?? null}
        .aim=${this.aim}
        .ply=${this.#ply}
        .turn=${model.turn === null ? '' : seatColor(model.turn)}
        .history=${this.#isHistory}
        .label=${`Board, ${size} by ${size}${this.#isHistory ? `, as it was after move ${this.#ply}` : ''}`}
        @board-choose=${this.#onChoose}
      ></go-board>
      ${
        this.#isHistory
          ? html`<p class="then" role="status">
              <span>After move ${this.#ply} of ${model.moves.length}</span>
              <button @click=${() => this.#goTo(model.moves.length)}>Back to the game</button>
            </p>`
          : nothing
      }
    </div>`
  }

  /** The confirmation of a point aimed at by touch, at the foot of the screen where the thumb is. */
  #aiming(): TemplateResult | typeof nothing {
    if (this.aim === null || this.#mode !== 'play') return nothing
    const vertex = this.aim
    return html`<div class="aiming" role="group" aria-label="Confirm the move">
      <button class="primary" @click=${() => this.#place(vertex)}>
        ${icons.check}Place ${formatVertex(vertex, this.model.setup?.size ?? 19)}
      </button>
      <button @click=${() => (this.aim = null)}>Cancel</button>
    </div>`
  }

  /** The coordinate field, and why the last choice was refused. */
  #entry(): TemplateResult {
    const note = html`<p class="note" role="alert" data-testid="note">${this.note}</p>`
    const { mySeat, phase } = this.model
    if (mySeat === null || (phase !== 'playing' && phase !== 'settling')) return note
    const marking = this.#mode === 'mark'
    return html`<form class="under" @submit=${this.#onCoordinate}>
        <label class="visually-hidden" for="coordinate">Coordinate</label>
        <input
          ${ref(this.#coordinate)}
          id="coordinate"
          type="text"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          maxlength="4"
          placeholder="D4"
          aria-describedby="coordinate-hint"
        />
        <button type="submit">${marking ? 'Mark' : 'Place'}</button>
        <span class="hint" id="coordinate-hint">
          ${marking ? 'Choose a group, or type one of its points.' : 'Click the board, or type a point. Arrow keys work too.'}
        </span>
      </form>
      ${note}`
  }

  #status(): TemplateResult {
    const status = statusOf(this.model)
    return html`<p class="status ${status.isMine ? 'mine' : ''}" data-testid="status">${status.text}</p>`
  }

  #proofs(): TemplateResult | typeof nothing {
    const { proofs } = this.model
    if (proofs.length === 0) return nothing
    return html`<div class="notice bad" data-testid="proofs">
      ${icons.warn}
      <div>${proofs.map(proof => html`<p>${proof}</p>`)}</div>
    </div>`
  }

  readonly #onChoose = (event: CustomEvent<BoardChoice>): void => {
    const { vertex, aimed } = event.detail
    if (this.#mode === 'mark') {
      this.actions.toggleDead(vertex)
      return
    }
    if (aimed) {
      const refusal = this.#refusal(vertex)
      this.aim = refusal === null ? vertex : null
      this.note = refusal ?? ''
      return
    }
    this.#place(vertex)
  }

  readonly #onCoordinate = (event: Event): void => {
    event.preventDefault()
    const input = this.#coordinate.value
    const state = this.#shown
    if (!input || !state) return
    const text = input.value.trim()
    if (text === '') return
    if (this.#isHistory) {
      this.note = 'You are looking at an earlier position. Go back to the game to play.'
      return
    }
    if (/^pass$/i.test(text) && this.model.can.has('pass')) {
      input.value = ''
      this.#askPass()
      return
    }
    const vertex = parseVertex(text, state.setup.size)
    if (vertex === null) {
      this.note = noPointText(text, state.setup.size)
      return
    }
    input.value = ''
    if (this.#mode === 'mark') this.actions.toggleDead(vertex)
    else this.#place(vertex)
  }

  #refusal(vertex: number): string | null {
    return placingRefusal(this.model, this.#shown, vertex)
  }

  #place(vertex: number): void {
    const refusal = this.#refusal(vertex)
    this.aim = null
    this.note = refusal ?? ''
    if (refusal === null) this.actions.play(vertex)
  }

  readonly #askPass = (): void => this.#dialog.value?.ask(passQuestion(this.model, this.actions))

  readonly #askResign = (): void => this.#dialog.value?.ask(resignQuestion(this.actions))

  readonly #askPublish = (): void => this.#dialog.value?.ask(publishQuestion(this.actions))

  readonly #download = (): void => {
    const file = this.actions.sgf()
    if (!file) return
    downloadText(file.text, file.fileName, 'application/x-go-sgf')
  }

  readonly #onPageKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape' && this.aim !== null) this.aim = null
    const target = event.target
    if (target instanceof Element && target.closest('input, select, textarea, dialog, [role=grid]')) return
    const to = plyByKey(event.key, this.#ply, this.model.moves.length)
    if (to === null || this.model.moves.length === 0) return
    event.preventDefault()
    this.#goTo(to)
  }

  #goTo(ply: number): void {
    this.aim = null
    this.note = ''
    this.shownPly = ply >= this.model.moves.length ? null : ply
  }
}

const noStones: ReadonlySet<number> = new Set()

customElements.define('game-view', GameView)
