import { formatVertex } from '@tsugi/go'
import { LitElement, type TemplateResult, html, nothing } from 'lit'

import { spanText } from '../game/clock-face.ts'
import type { MoveModel } from '../game/game-model.ts'
import { icons } from './icons.ts'

/** The moves of the game, and the buttons that go through them. Tells `go-to-ply` with the ply as detail. */
export class MoveList extends LitElement {
  static override properties = {
    moves: { attribute: false },
    size: { type: Number },
    ply: { type: Number },
  }

  declare moves: readonly MoveModel[]
  declare size: number
  /** How many moves are shown on the board. */
  declare ply: number

  constructor() {
    super()
    this.moves = []
    this.size = 19
    this.ply = 0
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override updated(): void {
    const list = this.querySelector('ol')
    const current = this.querySelector<HTMLElement>('[aria-current]')
    if (!list) return
    if (!current) list.scrollTop = 0
    else {
      const top = current.offsetTop
      if (top < list.scrollTop || top + current.offsetHeight > list.scrollTop + list.clientHeight) {
        list.scrollTop = top - list.clientHeight / 2
      }
    }
  }

  protected override render(): TemplateResult {
    const last = this.moves.length
    const step = (label: string, icon: TemplateResult, to: number): TemplateResult =>
      html`<button class="quiet square" aria-label=${label} ?disabled=${to === this.ply} @click=${() => this.#go(to)}>
        ${icon}
      </button>`
    return html`<section class="moves" aria-label="Moves" @keydown=${this.#onKeyDown}>
      <div class="steps">
        ${step('First move', icons.first, 0)} ${step('Previous move', icons.previous, Math.max(0, this.ply - 1))}
        <output aria-label="Move shown">${this.ply} / ${last}</output>
        ${step('Next move', icons.next, Math.min(last, this.ply + 1))} ${step('Last move', icons.last, last)}
      </div>
      <ol tabindex="-1">
        ${this.moves.map((move, index) => {
          const color = move.seat === 0 ? 'Black' : 'White'
          const text = move.vertex === null ? 'pass' : formatVertex(move.vertex, this.size)
          return html`<li>
            <button
              class="quiet"
              aria-current=${index + 1 === this.ply ? 'step' : nothing}
              @click=${() => this.#go(index + 1)}
            >
              <small>${index + 1}</small><i class="dot ${color.toLowerCase()}"></i
              ><span class="visually-hidden">${color}</span> ${text}${
                move.lateByMs > 0
                  ? html`<small class="late" title="Took ${spanText(move.lateByMs)} longer than it says">late</small>`
                  : nothing
              }
            </button>
          </li>`
        })}
      </ol>
    </section>`
  }

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    const to = plyByKey(event.key, this.ply, this.moves.length)
    if (to === null) return
    event.preventDefault()
    event.stopPropagation()
    this.#go(to)
  }

  #go(ply: number): void {
    this.dispatchEvent(new CustomEvent<number>('go-to-ply', { detail: ply, bubbles: true }))
  }
}

/** Which ply a key leads to, or null for keys that don't step through the game. */
export function plyByKey(key: string, ply: number, last: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, ply - 1)
    case 'ArrowRight':
      return Math.min(last, ply + 1)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}

customElements.define('move-list', MoveList)
