import { LitElement, type TemplateResult, html, nothing } from 'lit'

import { askNetworkOrigin, isLoopback } from '../network/network-origin.ts'
import { icons } from './icons.ts'
import './qr-code.ts'

/** The links to pass on: with a QR code while the opponent is awaited, folded into one line after. */
export class InviteCard extends LitElement {
  static override properties = {
    playLink: { attribute: false },
    watchLink: { attribute: false },
    opponentColor: { type: String },
    copied: { state: true },
    networkOrigin: { state: true },
  }

  declare playLink: string | null
  declare watchLink: string | null
  declare opponentColor: string
  declare copied: 'play' | 'watch' | null
  /** Where other devices find this page when it was opened at a loopback address. */
  declare networkOrigin: string | null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.playLink = null
    this.watchLink = null
    this.opponentColor = ''
    this.copied = null
    this.networkOrigin = null
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void askNetworkOrigin(new URL(location.href)).then(origin => (this.networkOrigin = origin))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.playLink !== null) return this.#awaiting(this.playLink)
    if (this.watchLink === null) return nothing
    return html`<details class="fold watch">
      <summary><span>Let others watch</span></summary>
      ${this.#linkRow('watch', 'Watch link', this.#forOthers(this.watchLink))}
      <p class="hint">Whoever opens it sees the game, and cannot play.</p>
    </details>`
  }

  #awaiting(link: string): TemplateResult {
    return html`<section class="card invite" aria-labelledby="invite-title">
      <h2 id="invite-title">Invite your opponent</h2>
      <p class="hint">
        The first to open this link plays ${this.opponentColor}. Send it only to them: who holds it can take the seat.
      </p>
      <div class="invite-body">
        <qr-code .text=${link} label="QR code of the invite link"></qr-code>
        <div class="links">
          ${this.#onlyHere()} ${this.#linkRow('play', 'Invite link', this.#forOthers(link))}
          ${this.watchLink === null ? nothing : this.#linkRow('watch', 'Link for spectators', this.#forOthers(this.watchLink))}
        </div>
      </div>
    </section>`
  }

  /** A loopback address leads others to their own device: they get this one's address on the network, where the relay has one. */
  #forOthers(link: string): string {
    if (this.networkOrigin === null) return link
    const { pathname, search, hash } = new URL(link)
    return `${this.networkOrigin}${pathname}${search}${hash}`
  }

  /** Said where the link cannot lead others here. */
  #onlyHere(): TemplateResult | typeof nothing {
    if (this.networkOrigin !== null || !isLoopback(location.hostname)) return nothing
    return html`<p class="hint">
      This link works on this computer only: the page was opened at ${location.host}. To play with others, open it at an
      address that they can reach.
    </p>`
  }

  #linkRow(kind: 'play' | 'watch', label: string, link: string): TemplateResult {
    const isCopied = this.copied === kind
    const what = kind === 'play' ? 'invite' : 'watch'
    return html`<div class="link-row">
      <label class="field">
        <span>${label}</span>
        <input
          type="text"
          readonly
          data-testid="${what}-link"
          .value=${link}
          @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()}
        />
      </label>
      <div class="buttons">
        <button
          class=${kind === 'play' ? 'primary' : ''}
          @click=${() => this.#copy(kind, link)}
          aria-label="Copy ${what} link"
        >
          ${isCopied ? icons.check : icons.copy}<span>${isCopied ? 'Copied' : 'Copy'}</span>
        </button>
        ${
          'share' in navigator
            ? html`<button @click=${() => this.#share(kind, link)} aria-label="Share ${what} link">
                ${icons.share}<span>Share</span>
              </button>`
            : nothing
        }
      </div>
    </div>`
  }

  async #copy(kind: 'play' | 'watch', link: string): Promise<void> {
    const input = this.querySelector<HTMLInputElement>(`[data-testid="${kind === 'play' ? 'invite' : 'watch'}-link"]`)
    try {
      await navigator.clipboard.writeText(link)
    } catch {
      // Insecure origins have no clipboard; the old command works there.
      input?.focus()
      input?.select()
      if (!document.execCommand('copy')) return
    }
    this.copied = kind
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.copied = null), 2_500)
  }

  async #share(kind: 'play' | 'watch', link: string): Promise<void> {
    const title = kind === 'play' ? 'A game of Go?' : 'Watch a game of Go'
    try {
      await navigator.share({ title, url: link })
    } catch {
      // Closed without sharing.
    }
  }
}

customElements.define('invite-card', InviteCard)
