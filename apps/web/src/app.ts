import { LitElement, type TemplateResult, html, nothing } from 'lit'

import type { OpenGame } from './game/open-game.ts'
import type { SetupForm } from './game/setup-form.ts'
import { Mesh, relaysOfPage } from './network/mesh.ts'
import { parseRoute } from './route.ts'
import { SoundBox } from './sound/sound-box.ts'
import type { GameEntry } from './storage/game-entry.ts'
import { type GameShelf, openGameShelf } from './storage/game-shelf.ts'
import { type Preferences, readPreferences, writePreferences } from './storage/preferences.ts'
import type { HomeActions } from './views/home-view.ts'
import { icons } from './views/icons.ts'
import { messageView } from './views/message-view.ts'
import { statusOf } from './views/status-words.ts'
import { topBar } from './views/top-bar.ts'

/** The application: what the address says, the bar above, notices, and the live regions for screen readers. */
export class TsugiApp extends LitElement {
  static override properties = {
    hash: { state: true },
    preferences: { state: true },
    game: { state: true },
    isHomeLoaded: { state: true },
    notice: { state: true },
    error: { state: true },
    spoken: { state: true },
    trouble: { state: true },
  }

  declare hash: string
  declare preferences: Preferences
  declare game: OpenGame | null
  declare isHomeLoaded: boolean
  /** Something to know, until it is closed. */
  declare notice: string
  /** Something that went wrong, until it is closed. */
  declare error: string
  /** For screen readers: what just happened. */
  declare spoken: string
  /** What keeps a view from being shown at all. */
  declare trouble: { readonly title: string; readonly text: string } | null

  readonly #mesh = new Mesh(
    relaysOfPage(
      document.querySelector<HTMLMetaElement>('meta[name="tsugi-relays"]')?.content ?? null,
      location.origin,
    ),
  )
  readonly #sounds = new SoundBox(readPreferences().muted)
  readonly #shelf: Promise<GameShelf> = openGameShelf()
  readonly #homeActions: HomeActions
  #opening = 0
  #retryClock: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.hash = location.hash
    this.preferences = readPreferences()
    this.game = null
    this.isHomeLoaded = false
    this.notice = ''
    this.error = ''
    this.spoken = ''
    this.trouble = null
    this.#homeActions = {
      create: (form, name) => this.#create(form, name),
      games: async () => (await (await this.#shelf).list()).filter(entry => entry.summary.size > 0),
      remove: async entry => (await this.#shelf).remove(entry.key),
      linkTo,
    }
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    applyTheme(this.preferences.theme)
    addEventListener('hashchange', this.#onHashChange)
    addEventListener('pointerdown', this.#onGesture)
    addEventListener('keydown', this.#onGesture)
    addEventListener('pagehide', this.#onPageHide)
    this.#mesh.addEventListener('change', () => this.requestUpdate())
    this.#retryClock = setInterval(() => {
      if (this.#mesh.status.retryAt !== null) this.requestUpdate()
    }, 1_000)
    void this.#shelf.then(shelf => {
      if (shelf.kind === 'memory') {
        this.notice =
          'This browser keeps nothing for this page (a private window?), so your games end when the tab is closed.'
      }
    })
    void this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#retryClock)
    removeEventListener('hashchange', this.#onHashChange)
    removeEventListener('pointerdown', this.#onGesture)
    removeEventListener('keydown', this.#onGesture)
    removeEventListener('pagehide', this.#onPageHide)
  }

  protected override render(): TemplateResult {
    return html`${topBar({
        mesh: this.#mesh.status,
        muted: this.preferences.muted,
        theme: this.preferences.theme,
        toggleMuted: this.#toggleMuted,
        nextTheme: this.#nextTheme,
      })}
      ${this.error === '' ? nothing : this.#banner('bad', this.error, () => (this.error = ''))}
      ${this.notice === '' ? nothing : this.#banner('', this.notice, () => (this.notice = ''))}
      <main>${this.#view()}</main>
      <div class="visually-hidden" aria-live="polite" data-testid="spoken">${this.spoken}</div>`
  }

  #banner(tone: string, text: string, close: () => void): TemplateResult {
    return html`<div
      class="notice ${tone}"
      role=${tone === 'bad' ? 'alert' : 'status'}
      data-testid=${tone === 'bad' ? 'error' : 'notice'}
    >
      ${tone === 'bad' ? icons.warn : nothing}
      <p>${text}</p>
      <button class="quiet" aria-label="Close this message" @click=${close}>${icons.close}</button>
    </div>`
  }

  #view(): TemplateResult | typeof nothing {
    if (this.trouble) return messageView(this.trouble.title, this.trouble.text)
    const route = parseRoute(this.hash)
    switch (route.view) {
      case 'home':
        return this.isHomeLoaded ? html`<home-view .actions=${this.#homeActions}></home-view>` : nothing
      case 'damaged':
        return messageView(
          'This link is damaged',
          route.isCut
            ? 'A part of it is missing, probably cut off when it was sent. Ask for the link again, and copy all of it.'
            : 'It does not look like a link to a game. Ask for it again, and copy all of it.',
        )
      case 'game':
        return this.game
          ? html`<game-view .model=${this.game.model} .actions=${this.game.actions}></game-view>`
          : html`<div class="game loading">
              <div class="middle"><div class="board-blank"></div></div>
            </div>`
    }
  }

  readonly #onHashChange = (): void => {
    this.hash = location.hash
    void this.#follow()
  }

  /** Loads what the address asks for, board first, network after. */
  async #follow(): Promise<void> {
    const turn = ++this.#opening
    const route = parseRoute(this.hash)
    this.error = this.notice = ''
    this.trouble = null
    const before = this.game
    this.game = null
    const closed = before?.close()
    try {
      if (route.view === 'game') {
        const [{ openGame }] = await Promise.all([import('./game/open-game.ts'), import('./views/game-view.ts')])
        await closed
        if (turn !== this.#opening) return
        const game = await openGame(route.link, {
          shelf: await this.#shelf,
          mesh: this.#mesh,
          name: this.preferences.name,
          changed: () => this.#onGameChange(),
          say: text => this.#say(text),
          fail: text => (this.error = text),
          sound: name => this.#sounds.play(name),
          tell: text => (this.notice = text),
          remember: name => (this.preferences = writePreferences({ name })),
          goTo: fragment => (location.hash = fragment),
        })
        if (turn === this.#opening) {
          this.game = game
          this.#onGameChange()
        } else await game.close()
      } else if (route.view === 'home') {
        await import('./views/home-view.ts')
        this.isHomeLoaded = true
      }
    } catch (error) {
      if (turn !== this.#opening) return
      this.trouble = {
        title: 'The game could not be opened',
        text: `Reload the page to try again. If it happens again, tell whoever runs this relay: “${String(error)}”.`,
      }
    }
    // The network comes last; on every view, since being reachable early is what makes the first move fast.
    void this.#mesh.peer().catch(() => undefined)
  }

  async #create(form: SetupForm, name: string): Promise<void> {
    this.preferences = writePreferences({ name })
    try {
      const { createGame } = await import('./game/create-game.ts')
      location.hash = await createGame(await this.#shelf, form, name)
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === 'storage/full'
      this.error = isFull
        ? 'This device has no room left to keep a game. Remove old games from the list, then try again.'
        : `The game could not be created (${String(error)}). Reload the page and try again.`
    }
  }

  #say(text: string): void {
    // The same words twice are only read if they differ.
    this.spoken = text === this.spoken ? `${text}\u00a0` : text
  }

  #onGameChange(): void {
    this.requestUpdate()
    if (!this.game) return
    const status = statusOf(this.game.model)
    document.title = `${status.isMine ? '● ' : ''}${status.text} · Tsugi`
  }

  readonly #toggleMuted = (): void => {
    this.preferences = writePreferences({ muted: !this.preferences.muted })
    this.#sounds.muted = this.preferences.muted
    this.#sounds.play('stone')
  }

  readonly #nextTheme = (): void => {
    const themes = ['auto', 'light', 'dark'] as const
    const next = themes[(themes.indexOf(this.preferences.theme) + 1) % themes.length] ?? 'auto'
    this.preferences = writePreferences({ theme: next })
    applyTheme(next)
  }

  readonly #onGesture = (): void => this.#sounds.unlock()

  readonly #onPageHide = (event: PageTransitionEvent): void => {
    if (!event.persisted) void this.game?.close()
  }
}

function applyTheme(theme: Preferences['theme']): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

function linkTo(entry: GameEntry): string {
  return `#${entry.fragment}`
}

customElements.define('tsugi-app', TsugiApp)
