import '@tsugi/look'
import type { AskDialog, Question } from '@tsugi/look'
import { LitElement, type PropertyValues, type TemplateResult, html, nothing } from 'lit'

import './charts/figure-chart.ts'
import './views/ban-dialog.ts'
import type { ArchivedGame, Ban, Circuit, HistoryTable, PageOf, Peer, Stats } from './api/answers.ts'
import { type Outcome, ask } from './api/client.ts'
import { type Repeated, repeatWhileShown } from './api/repeat-while-shown.ts'
import {
  type LivePoint,
  type Timeline,
  livePointOf,
  maxLivePoints,
  refusalRates,
  refusalsOf,
  timelineOf,
} from './charts/timeline.ts'
import { momentText, shortId } from './format/units.ts'
import type { BanDialog, BanForm } from './views/ban-dialog.ts'
import { figuresView, refusalLines, refusalsView } from './views/figures.ts'
import { type Line, type WindowName, headView, noticeView, windowPicker, windows } from './views/head.ts'
import { type ListActions, banList, circuitList, gameList, peerList, playersText } from './views/lists.ts'

const statsEveryMs = 2_000
const listsEveryMs = 3_000
/** The page sees what happens by itself; the history is asked for again because its samples are better than what it saw. */
const historyEveryMs = 60_000
const rowsPerPage = 25

/** Which rows of a list are shown. */
interface Shown {
  readonly filter: string
  readonly offset: number
}

const fromTheStart: Shown = { filter: '', offset: 0 }

/** The dashboard: asks the relay again and again, and shows what it says. */
class RelayDashboard extends LitElement {
  static override properties = {
    line: { state: true },
    stats: { state: true },
    history: { state: true },
    live: { state: true },
    window: { state: true },
    cursor: { state: true },
    circuits: { state: true },
    peers: { state: true },
    bans: { state: true },
    games: { state: true },
    spoken: { state: true },
    trouble: { state: true },
  }

  declare line: Line
  declare stats: Stats | null
  declare history: HistoryTable | null
  declare live: readonly LivePoint[]
  declare window: WindowName
  declare cursor: number | null
  declare circuits: PageOf<Circuit> | null
  declare peers: PageOf<Peer> | null
  declare bans: PageOf<Ban> | null
  declare games: PageOf<ArchivedGame> | null
  /** What was done, for screen readers and for the eye. */
  declare spoken: string
  /** What could not be done. */
  declare trouble: string

  #timeline: Timeline = { times: [], values: {}, fromSeconds: 0, toSeconds: 1 }
  #refusals: ReturnType<typeof refusalsOf> = []
  #refusalTimeline = this.#timeline
  #shownCircuits = fromTheStart
  #shownPeers = fromTheStart
  #shownBans = fromTheStart
  #shownGames = fromTheStart
  #repeated: Repeated[] = []

  constructor() {
    super()
    this.line = 'loading'
    this.stats = null
    this.history = null
    this.live = []
    this.window = '1h'
    this.cursor = null
    this.circuits = null
    this.peers = null
    this.bans = null
    this.games = null
    this.spoken = ''
    this.trouble = ''
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#repeated = [
      repeatWhileShown(historyEveryMs, () => this.#loadHistory()),
      repeatWhileShown(listsEveryMs, () => this.#loadLists()),
      repeatWhileShown(statsEveryMs, () => this.#loadStats()),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const each of this.#repeated) each.stop()
  }

  /** Takes an answer, and what it says about the line to the relay. */
  #take<T>(outcome: Outcome<T>): T | undefined {
    if (outcome.ok) return outcome.value
    if (outcome.code === 'refused') return undefined
    this.line = outcome.code
    if (outcome.code === 'signed-out') for (const each of this.#repeated) each.stop()
    return undefined
  }

  async #loadStats(): Promise<void> {
    const stats = this.#take(await ask<Stats>('GET', '/stats'))
    if (stats === undefined) return
    const isBack = this.line === 'offline' || (this.stats !== null && stats.uptimeMs < this.stats.uptimeMs)
    this.line = 'online'
    this.stats = stats
    this.live = [...this.live, livePointOf(stats)].slice(-maxLivePoints)
    // A relay that was away has another history, and others are connected to it.
    if (isBack) for (const each of this.#repeated.slice(0, 2)) each.now()
  }

  async #loadHistory(): Promise<void> {
    const asked = this.window
    const history = this.#take(await ask<HistoryTable>('GET', `/history?window=${asked}`))
    if (history !== undefined && asked === this.window) this.history = history
  }

  async #loadLists(): Promise<void> {
    const [circuits, peers, bans, games] = await Promise.all([
      ask<PageOf<Circuit>>('GET', `/circuits?${queryOf(this.#shownCircuits)}`),
      ask<PageOf<Peer>>('GET', `/peers?${queryOf(this.#shownPeers)}`),
      ask<PageOf<Ban>>('GET', `/bans?${queryOf(this.#shownBans)}`),
      ask<PageOf<ArchivedGame>>('GET', `/archive?${queryOf(this.#shownGames)}`),
    ])
    this.circuits = this.#take(circuits) ?? this.circuits
    this.peers = this.#take(peers) ?? this.peers
    this.bans = this.#take(bans) ?? this.bans
    this.games = this.#take(games) ?? this.games
  }

  #refreshLists(): void {
    this.#repeated[1]?.now()
    this.requestUpdate()
  }

  readonly #chooseWindow = (name: WindowName): void => {
    this.window = name
    this.cursor = null
    this.#repeated[0]?.now()
  }

  /** Does something, and says that it was done or why not; answers with what went wrong. */
  async #act(done: string, ...request: Parameters<typeof ask>): Promise<string | undefined> {
    const outcome = await ask(...request)
    this.#take(outcome)
    this.spoken = outcome.ok ? done : ''
    this.#refreshLists()
    return outcome.ok ? undefined : outcome.detail
  }

  async #tell(acting: Promise<string | undefined>): Promise<void> {
    this.trouble = (await acting) ?? ''
  }

  readonly #ban = ({ kind, value, reason, durationMs }: BanForm): Promise<string | undefined> => {
    const expiresAtMs = durationMs === null ? null : (this.stats?.atMs ?? Date.now()) + durationMs
    return this.#act('The ban is in force.', 'POST', '/bans', { kind, value, reason, expiresAtMs })
  }

  readonly #actions: ListActions = {
    closeCircuit: ({ id, source, target }) =>
      this.#ask({
        title: 'Close this circuit?',
        text: `${shortId(source)} and ${shortId(target)} lose their line through this relay. They may open another.`,
        yes: 'Close',
        confirmed: () => void this.#tell(this.#act('The circuit is closed.', 'DELETE', `/circuits/${id}`)),
      }),
    closePeer: ({ peer }) =>
      this.#ask({
        title: 'Disconnect this peer?',
        text: `${shortId(peer)} loses its reservation and its circuits. It may come back, unless it is banned.`,
        yes: 'Disconnect',
        confirmed: () =>
          void this.#tell(this.#act('The peer is disconnected.', 'DELETE', `/peers/${encodeURIComponent(peer)}`)),
      }),
    banPeer: ({ peer, addresses }) =>
      this.#banDialog?.open([
        { kind: 'peer', value: peer },
        ...addresses.slice(0, 1).map(value => ({ kind: 'address' as const, value })),
      ]),
    addBan: () => this.#banDialog?.open([]),
    liftBan: ({ id, kind, value }) =>
      this.#ask({
        title: 'Lift this ban?',
        text: `${kind === 'peer' ? shortId(value) : value} may come back at once.`,
        yes: 'Lift',
        confirmed: () => void this.#tell(this.#act('The ban is lifted.', 'DELETE', `/bans/${encodeURIComponent(id)}`)),
      }),
    removeGame: game =>
      this.#ask({
        title: 'Remove this game?',
        text: `${playersText(game)} is gone from this relay for good. Its players keep what they have.`,
        yes: 'Remove',
        confirmed: () =>
          void this.#tell(this.#act('The game is removed.', 'DELETE', `/archive/${encodeURIComponent(game.id)}`)),
      }),
    filterPeers: filter => {
      this.#shownPeers = { filter, offset: 0 }
      this.#refreshLists()
    },
    filterCircuits: filter => {
      this.#shownCircuits = { filter, offset: 0 }
      this.#refreshLists()
    },
    pagePeers: offset => {
      this.#shownPeers = { ...this.#shownPeers, offset }
      this.#refreshLists()
    },
    pageCircuits: offset => {
      this.#shownCircuits = { ...this.#shownCircuits, offset }
      this.#refreshLists()
    },
    pageBans: offset => {
      this.#shownBans = { ...this.#shownBans, offset }
      this.#refreshLists()
    },
    pageGames: offset => {
      this.#shownGames = { ...this.#shownGames, offset }
      this.#refreshLists()
    },
  }

  #ask(question: Omit<Question, 'no' | 'isGrave'>): void {
    this.querySelector<AskDialog>('ask-dialog')?.ask({ ...question, no: 'Cancel', isGrave: true })
  }

  get #banDialog(): BanDialog | null {
    return this.querySelector<BanDialog>('ban-dialog')
  }

  /** Charts draw anew when these do, so they are made once for each answer and not for each move of the pointer. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    const { stats, history } = this
    if (stats === null || history === null || !['stats', 'history'].some(each => changed.has(each as 'stats'))) return
    this.#timeline = timelineOf(history, this.live, stats.atMs)
    this.#refusals = refusalsOf(history)
    const reasons = this.#refusals.slice(0, refusalLines.length).map(each => each.reason)
    this.#refusalTimeline = timelineOf(refusalRates(history, reasons), [], stats.atMs)
  }

  protected override render(): TemplateResult {
    const { stats, line } = this
    const nowMs = stats?.atMs ?? 0
    return html`${headView(stats, line)}
      <main class=${line === 'online' ? '' : 'stale'}>
        ${noticeView(stats, line)}
        ${this.trouble === '' ? nothing : html`<div class="notice bad" role="alert"><p>${this.trouble}</p></div>`}
        ${this.#figures()} ${circuitList(this.circuits, this.#shownCircuits.filter, nowMs, this.#actions)}
        ${peerList(this.peers, this.#shownPeers.filter, nowMs, this.#actions)}
        ${banList(this.bans, nowMs, this.#actions)} ${gameList(this.games, this.#actions)}
      </main>
      <div class="visually-hidden" aria-live="polite" data-testid="spoken">${this.spoken}</div>
      <ask-dialog></ask-dialog>
      <ban-dialog .send=${this.#ban}></ban-dialog>`
  }

  #figures(): TemplateResult | typeof nothing {
    const { stats, history } = this
    if (stats === null || history === null) return nothing
    const windowText = windows.find(([name]) => name === this.window)?.[2] ?? ''
    const atMs = this.cursor === null ? undefined : this.#timeline.times[this.cursor]
    return html`<div class="bar">
        ${windowPicker(this.window, this.#chooseWindow)}
        <p class="moment">${atMs === undefined ? 'Now' : momentText(atMs * 1_000)}</p>
      </div>
      <div class="figures" @chart-cursor=${(event: CustomEvent<number | null>) => (this.cursor = event.detail)}>
        ${figuresView(stats, this.#timeline, windowText, this.cursor)}
        ${refusalsView(this.#refusals, this.#refusalTimeline, windowText)}
      </div>`
  }
}

function queryOf({ filter, offset }: Shown): string {
  const query = new URLSearchParams({ limit: String(rowsPerPage), offset: String(offset) })
  if (filter !== '') query.set('peer', filter)
  return query.toString()
}

customElements.define('relay-dashboard', RelayDashboard)
