import { LitElement, type TemplateResult, html } from 'lit'

/** A question that must be confirmed before something final happens. */
export interface Question {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly no: string
  /** Whether what follows cannot be undone; the answer looks it. */
  readonly isGrave: boolean
  readonly confirmed: () => void
}

/** Asks {@link Question}s in a modal dialog. */
export class AskDialog extends LitElement {
  static override properties = { question: { state: true } }

  declare question: Question | null

  constructor() {
    super()
    this.question = null
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  /** Shows the dialog; `confirmed` is called if the answer is yes. */
  ask(question: Question): void {
    this.question = question
    void this.updateComplete.then(() => this.querySelector('dialog')?.showModal())
  }

  /** Takes the question back, when it no longer makes sense. */
  dismiss(): void {
    this.querySelector('dialog')?.close('no')
  }

  readonly #onClose = (event: Event): void => {
    const dialog = event.currentTarget as HTMLDialogElement
    const answer = dialog.returnValue
    dialog.returnValue = ''
    if (answer === 'yes') this.question?.confirmed()
  }

  protected override render(): TemplateResult {
    const question = this.question
    return html`<dialog aria-labelledby="ask-title" aria-describedby="ask-text" @close=${this.#onClose}>
      <form method="dialog">
        <h2 id="ask-title">${question?.title}</h2>
        <p id="ask-text">${question?.text}</p>
        <div class="buttons">
          <button value="no">${question?.no}</button>
          <button value="yes" class=${question?.isGrave ? 'danger' : 'primary'}>${question?.yes}</button>
        </div>
      </form>
    </dialog>`
  }
}

customElements.define('ask-dialog', AskDialog)
