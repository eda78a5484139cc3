import { LitElement, type TemplateResult, html, nothing } from 'lit'
import { live } from 'lit/directives/live.js'

import type { BanKind } from '../api/answers.ts'
import { banKinds } from './ban-kinds.ts'

/** A ban as it is asked for. */
export interface BanForm {
  readonly kind: BanKind
  readonly value: string
  readonly reason: string
  /** How long it lasts; `null` for good. */
  readonly durationMs: number | null
}

/** Whom the dialog may ban by one click. */
export interface BanChoice {
  readonly kind: BanKind
  readonly value: string
}

const hour = 3_600_000
const durations = [
  ['1h', 'for an hour', hour],
  ['1d', 'for a day', 24 * hour],
  ['30d', 'for 30 days', 30 * 24 * hour],
  ['ever', 'for good', null],
] as const

const hints: Readonly<Record<BanKind, string>> = {
  peer: 'A peer can make itself a new id; an address is harder to change.',
  address: 'Everybody behind the address is turned away, a household or a school.',
  prefix: 'Such as 192.0.2.0/24 or 2001:db8::/32. Everybody in it is turned away.',
}

/** Asks whom to ban, for how long, and why. */
export class BanDialog extends LitElement {
  static override properties = {
    choices: { state: true },
    kind: { state: true },
    value: { state: true },
    error: { state: true },
    isBusy: { state: true },
  }

  declare choices: readonly BanChoice[]
  declare kind: BanKind
  declare value: string
  declare error: string
  declare isBusy: boolean
  /** Does it; answers with what is wrong, or nothing. */
  send: (form: BanForm) => Promise<string | undefined> = () => Promise.resolve(undefined)

  constructor() {
    super()
    this.choices = []
    this.kind = 'peer'
    this.value = ''
    this.error = ''
    this.isBusy = false
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  /** Shows the dialog; the first choice is filled in. */
  open(choices: readonly BanChoice[]): void {
    this.choices = choices
    this.kind = choices[0]?.kind ?? 'address'
    this.value = choices[0]?.value ?? ''
    this.error = ''
    void this.updateComplete.then(() => {
      const reason = this.querySelector<HTMLInputElement>('#ban-reason')
      if (reason !== null) reason.value = ''
      this.querySelector('dialog')?.showModal()
    })
  }

  readonly #choose = (kind: BanKind): void => {
    this.kind = kind
    this.value = this.choices.find(each => each.kind === kind)?.value ?? ''
    this.error = ''
  }

  readonly #onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const durationMs = durations.find(([name]) => name === data.get('duration'))?.[2] ?? null
    const reason = data.get('reason')
    void this.#send({
      kind: this.kind,
      value: this.value.trim(),
      reason: typeof reason === 'string' ? reason.trim() : '',
      durationMs,
    })
  }

  async #send(form: BanForm): Promise<void> {
    this.isBusy = true
    this.error = (await this.send(form)) ?? ''
    this.isBusy = false
    if (this.error === '') this.querySelector('dialog')?.close()
  }

  protected override render(): TemplateResult {
    return html`<dialog aria-labelledby="ban-title">
      <form @submit=${this.#onSubmit}>
        <h2 id="ban-title">Add a ban</h2>
        <fieldset>
          <legend>What</legend>
          <div class="segments">
            ${banKinds.map(
              ([kind, label]) =>
                html`<label
                  ><input
                    type="radio"
                    name="kind"
                    value=${kind}
                    .checked=${live(this.kind === kind)}
                    @change=${() => this.#choose(kind)}
                  /><span>${label}</span></label
                >`,
            )}
          </div>
        </fieldset>
        <label for="ban-value">Who</label>
        <input
          id="ban-value"
          name="value"
          required
          maxlength="128"
          autocomplete="off"
          spellcheck="false"
          aria-describedby="ban-hint${this.error === '' ? '' : ' ban-error'}"
          aria-invalid=${this.error === '' ? 'false' : 'true'}
          .value=${live(this.value)}
          @input=${(event: InputEvent) => (this.value = (event.currentTarget as HTMLInputElement).value)}
        />
        <p class="hint" id="ban-hint">${hints[this.kind]}</p>
        <label for="ban-duration">How long</label>
        <select id="ban-duration" name="duration">
          ${durations.map(([name, label]) => html`<option value=${name} ?selected=${name === '1d'}>${label}</option>`)}
        </select>
        <label for="ban-reason">Why <span class="hint">(only you see it)</span></label>
        <input id="ban-reason" name="reason" maxlength="200" autocomplete="off" />
        ${this.error === '' ? nothing : html`<p class="alert" role="alert" id="ban-error">${this.error}</p>`}
        <div class="buttons">
          <button type="button" @click=${() => this.querySelector('dialog')?.close()}>Cancel</button>
          <button class="danger" ?disabled=${this.isBusy}>Ban</button>
        </div>
      </form>
    </dialog>`
  }
}

customElements.define('ban-dialog', BanDialog)
