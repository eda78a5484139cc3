import { LitElement, type TemplateResult, html, nothing } from 'lit'

import type { ClockFace } from '../game/game-model.ts'

/** A clock that reads itself ten times a second while it runs, so that nothing else is drawn again for it. */
export class GameClock extends LitElement {
  static override properties = { read: { attribute: false }, tick: { state: true } }

  declare read: (now: number) => ClockFace | null
  declare tick: number
  #timer: ReturnType<typeof setInterval> | null = null

  constructor() {
    super()
    this.read = () => null
    this.tick = 0
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#run(false)
  }

  protected override render(): TemplateResult | typeof nothing {
    const face = this.read(Date.now())
    this.#run(face?.isRunning === true && this.isConnected)
    if (!face) return nothing
    return html`<span class="time ${face.isLow ? 'low' : ''} ${face.isRunning ? 'running' : ''}" role="timer"
        >${face.text}</span
      >
      ${face.detail === '' ? nothing : html`<small>${face.detail}</small>`}`
  }

  #run(on: boolean): void {
    if (on && this.#timer === null) this.#timer = setInterval(() => (this.tick += 1), 100)
    else if (!on && this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
  }
}

customElements.define('game-clock', GameClock)
