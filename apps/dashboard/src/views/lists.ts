import { type TemplateResult, html, nothing } from 'lit'

import type { ArchivedGame, Ban, Circuit, PageOf, Peer } from '../api/answers.ts'
import { bytesText, countText, dateText, shortId, spanText } from '../format/units.ts'
import { banKinds } from './ban-kinds.ts'
import { listView } from './list-view.ts'

/** What can be done from the lists. */
export interface ListActions {
  readonly closeCircuit: (circuit: Circuit) => void
  readonly closePeer: (peer: Peer) => void
  readonly banPeer: (peer: Peer) => void
  readonly addBan: () => void
  readonly liftBan: (ban: Ban) => void
  readonly removeGame: (game: ArchivedGame) => void
  readonly filterPeers: (text: string) => void
  readonly filterCircuits: (text: string) => void
  readonly pagePeers: (offset: number) => void
  readonly pageCircuits: (offset: number) => void
  readonly pageBans: (offset: number) => void
  readonly pageGames: (offset: number) => void
}

/** A peer id by its end; all of it is in the title, and is what gets copied. */
function peerText(id: string): TemplateResult {
  return html`<code class="id" title=${id}>${shortId(id)}</code>`
}

/** Circuits, with a button to close each. */
export function circuitList(
  page: PageOf<Circuit> | null,
  filter: string,
  nowMs: number,
  actions: ListActions,
): TemplateResult {
  return listView<Circuit>({
    id: 'circuits',
    title: 'Circuits',
    page,
    keyOf: each => each.id,
    empty: 'No circuit is open. Peers that reach each other directly need none.',
    filter: { text: filter, label: 'Filter by peer id', onInput: actions.filterCircuits },
    onOffset: actions.pageCircuits,
    columns: [
      { heading: 'From', cell: each => peerText(each.source) },
      { heading: 'To', cell: each => peerText(each.target) },
      { heading: 'App', cell: each => each.app },
      { heading: 'State', cell: each => html`<span class="state ${each.state}">${each.state}</span>` },
      { heading: 'Age', isNumber: true, cell: each => spanText(nowMs - each.createdAtMs) },
      { heading: 'Idle', isNumber: true, cell: each => spanText(nowMs - each.lastActiveAtMs) },
      { heading: 'There', isNumber: true, cell: each => bytesText(each.fromSource.bytes) },
      { heading: 'Back', isNumber: true, cell: each => bytesText(each.fromTarget.bytes) },
    ],
    actions: each =>
      html`<button
        class="small"
        aria-label="Close the circuit from ${shortId(each.source)} to ${shortId(each.target)}"
        @click=${() => actions.closeCircuit(each)}
      >
        Close
      </button>`,
  })
}

/** Connected peers, with a button to disconnect and one to ban each. */
export function peerList(
  page: PageOf<Peer> | null,
  filter: string,
  nowMs: number,
  actions: ListActions,
): TemplateResult {
  return listView<Peer>({
    id: 'peers',
    title: 'Peers',
    page,
    keyOf: each => each.peer,
    empty: 'Nobody is connected.',
    filter: { text: filter, label: 'Filter by peer id', onInput: actions.filterPeers },
    onOffset: actions.pagePeers,
    columns: [
      { heading: 'Peer', cell: each => peerText(each.peer) },
      { heading: 'Address', cell: each => html`<span class="address">${each.addresses.join(', ')}</span>` },
      { heading: 'By', cell: each => each.transports.join(', ') },
      { heading: 'App', cell: each => each.app },
      { heading: 'For', isNumber: true, cell: each => spanText(nowMs - each.connectedAtMs) },
      {
        heading: 'Reservation',
        isNumber: true,
        cell: each => (each.reservedUntilMs === null ? 'none' : `${spanText(each.reservedUntilMs - nowMs)} left`),
      },
      { heading: 'Circuits', isNumber: true, cell: each => countText(each.circuits) },
      { heading: 'Sent', isNumber: true, cell: each => bytesText(each.bytesSent) },
      { heading: 'Received', isNumber: true, cell: each => bytesText(each.bytesReceived) },
    ],
    actions: each =>
      html`<button class="small" aria-label="Disconnect ${shortId(each.peer)}" @click=${() => actions.closePeer(each)}>
          Disconnect
        </button>
        <button class="small" aria-label="Ban ${shortId(each.peer)}" @click=${() => actions.banPeer(each)}>
          Ban…
        </button>`,
  })
}

/** Bans in force, with a button to lift each. */
export function banList(page: PageOf<Ban> | null, nowMs: number, actions: ListActions): TemplateResult {
  return listView<Ban>({
    id: 'bans',
    title: 'Bans',
    page,
    keyOf: each => each.id,
    empty: 'Nobody is banned.',
    onOffset: actions.pageBans,
    extra: html`<button class="small" @click=${actions.addBan}>Add a ban…</button>`,
    columns: [
      { heading: 'What', cell: each => banKinds.find(([kind]) => kind === each.kind)?.[1] ?? each.kind },
      {
        heading: 'Who',
        cell: each => (each.kind === 'peer' ? peerText(each.value) : html`<code>${each.value}</code>`),
      },
      { heading: 'Why', cell: each => html`<span class="reason">${each.reason === '' ? '–' : each.reason}</span>` },
      { heading: 'Since', isNumber: true, cell: each => dateText(each.createdAtMs) },
      {
        heading: 'Ends',
        isNumber: true,
        cell: each => (each.expiresAtMs === null ? 'never' : `in ${spanText(each.expiresAtMs - nowMs)}`),
      },
    ],
    actions: each =>
      html`<button
        class="small"
        aria-label="Lift the ban of ${shortId(each.value)}"
        @click=${() => actions.liftBan(each)}
      >
        Lift
      </button>`,
  })
}

/** Published games, with their files and a button to remove each. */
export function gameList(page: PageOf<ArchivedGame> | null, actions: ListActions): TemplateResult {
  return listView<ArchivedGame>({
    id: 'games',
    title: 'Published games',
    page,
    keyOf: each => each.id,
    empty: 'No game was published. Players may do so when a game is over.',
    onOffset: actions.pageGames,
    columns: [
      { heading: 'Players', cell: playersText },
      { heading: 'Result', cell: each => each.result },
      { heading: 'App', cell: each => each.app },
      { heading: 'Moves', isNumber: true, cell: each => countText(each.moves) },
      { heading: 'Ended', isNumber: true, cell: each => dateText(each.endedAtMs) },
      { heading: 'Published', isNumber: true, cell: each => dateText(each.archivedAtMs) },
      { heading: 'Size', isNumber: true, cell: each => bytesText(each.bytes) },
    ],
    actions: each =>
      html`${
          each.hasSgf
            ? html`<a href=${fileOf(each, '.sgf')} download aria-label="${playersText(each)}: SGF">SGF</a>`
            : nothing
        }
        <a href=${fileOf(each, '')} download="${each.id}.json" aria-label="${playersText(each)}: records">Records</a>
        <button class="small" aria-label="Remove ${playersText(each)}" @click=${() => actions.removeGame(each)}>
          Remove
        </button>`,
  })
}

/** `Ann – Ben`; who gave no name is called as in the game. */
export function playersText({ players }: ArchivedGame): string {
  return players.map(each => (each === '' ? 'Anonymous' : each)).join(' – ')
}

/** A link asks with the session's cookie. */
function fileOf({ id }: ArchivedGame, ending: string): string {
  return `/api/v1/archive/${encodeURIComponent(id)}${ending}`
}
