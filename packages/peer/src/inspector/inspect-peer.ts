import type { LinkRoute } from '../links/link-route.ts'
import type { Peer } from '../peer.ts'

/** One table of the inspector: all of it text. */
export interface InspectorTable {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Rows of the address book that are shown; it may hold a thousand. */
const maxBookRows = 20

/** Describes a peer as it stands now. */
export function inspectPeer(peer: Peer, now: number): InspectorTable[] {
  const { identity, relays, links, topics, book } = peer
  const known = book.list().toSorted((a, b) => b.seenAt - a.seenAt)
  return [
    {
      title: 'Peer',
      columns: ['id', 'app', 'state', 'identity'],
      rows: [[peer.id, peer.app, peer.state, identity.isKept ? 'kept' : 'in memory']],
    },
    {
      title: 'Relays',
      columns: ['relay', 'state', 'by', 'round trip', 'slot until', 'reason'],
      rows: relays
        .list()
        .map(({ source, state, transport, roundTripMs, expiresAt, reason, retryAt }) => [
          source,
          state,
          transport ?? '',
          milliseconds(roundTripMs),
          expiresAt === undefined ? '' : `in ${span(expiresAt - now)}`,
          [reason, retryAt === undefined ? undefined : `again in ${span(retryAt - now)}`].filter(Boolean).join(', '),
        ]),
    },
    {
      title: 'Links',
      columns: ['peer', 'state', 'since', 'round trip', 'route', 'tries', 'reason'],
      rows: links
        .list()
        .map(link => [
          short(link.peer),
          link.state,
          span(now - link.since),
          milliseconds(link.roundTripMs),
          routeText(link.route),
          `${link.upgradeAttempts}`,
          link.reason,
        ]),
    },
    {
      title: 'Topics',
      columns: ['topic', 'peers', 'handle', 'waiting', 'received', 'dropped'],
      rows: topics
        .views()
        .flatMap(({ name, peers, handles }) =>
          handles.map(({ id, stats }) => [
            name,
            `${peers.length}`,
            id,
            `${stats.held + stats.queue.length} of ${stats.queue.capacity}`,
            `${stats.received}`,
            `${stats.queue.dropped + stats.queue.refused}`,
          ]),
        ),
    },
    {
      title: `Address book (${known.length})`,
      columns: ['peer', 'addresses', 'seen'],
      rows: known
        .slice(0, maxBookRows)
        .map(entry => [short(entry.peer), `${entry.addresses.length}`, `${span(now - entry.seenAt)} ago`]),
    },
    { title: 'Sizes', columns: ['what', 'how many'], rows: flatten(peer.stats()) },
    { title: 'Tasks', columns: ['task', 'running'], rows: countTasks(peer) },
  ]
}

function countTasks(peer: Peer): string[][] {
  const counts = new Map<string, number>()
  for (const { name } of peer.tasks()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [name, `${count}`])
}

function flatten(value: object, path = ''): string[][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? flatten(inner, `${path}${name} `)
      : [[`${path}${name}`, String(inner)]],
  )
}

function routeText(route: LinkRoute | null): string {
  if (route === null) return ''
  return route.relay === null ? `${route.local ?? '?'} – ${route.remote ?? '?'}` : `by ${short(route.relay)}`
}

/** Ids begin alike and differ at the end. */
function short(id: string): string {
  return `…${id.slice(-8)}`
}

function milliseconds(value: number | null | undefined): string {
  return typeof value === 'number' ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : ''
}

function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
