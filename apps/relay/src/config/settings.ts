import { isIP } from 'node:net'

import { type LimitName, LIMITS, parseAppId } from '@tsugi/protocol'
import { idlePresetsMs } from '@tsugi/relay'

import { QuantityError, parseBytes, parseCount, parseDuration, parsePort } from './parse-quantity.ts'

/** Log levels of pino. */
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** One setting: a flag, an environment variable `TSUGI_…`, and a key of the TOML file, all with one meaning. */
export interface SettingRow<Value> {
  /** What stands for the value in `--help`; `undefined` for a switch. */
  readonly value?: string
  /** May be given several times, or as a list with commas. */
  readonly isList?: boolean
  /** As text, as a user would give it; `undefined` when there is none. */
  readonly default?: string
  readonly help: string
  /** Its value is not shown, in errors neither. */
  readonly isSecret?: boolean
  /** Reads one value; throws {@link QuantityError} with the words for what is wanted. */
  readonly parse: (text: string) => Value
}

const text = (value: string): string => {
  if (value.trim() === '') throw new QuantityError('a text that is not empty')
  return value
}
const token = (value: string): string => {
  // It travels in a header, which takes no other characters.
  if (!/^[\x21-\x7e]{1,256}$/.test(value)) throw new QuantityError('1 to 256 letters, digits and signs, without spaces')
  return value
}
const portOrOff = (value: string): number | 'off' => (value === 'off' ? 'off' : parsePort(value))
const host = (value: string): string => {
  const bare = value.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare) === 0 && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(bare))
    throw new QuantityError('an IP address or a host name')
  return bare
}
const app = (value: string): string => {
  const parsed = parseAppId(value)
  if (!parsed.ok) throw new QuantityError('an app id: 1 to 63 of a-z 0-9 . -')
  return parsed.value
}
const prefix = (value: string): string => {
  const [address = '', bits, ...rest] = value.split('/')
  const family = isIP(address)
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  if (family === 0 || !isPrefix || rest.length > 0)
    throw new QuantityError('an IP address or a prefix such as 10.0.0.0/8')
  return value
}
const relay = (value: string): string => {
  if (!value.startsWith('/') && !/^https?:\/\/[^/]/i.test(value))
    throw new QuantityError('a multiaddr or an http(s) URL')
  return value
}
const onOrOff = (value: string): boolean => {
  if (value === 'on' || value === 'off') return value === 'on'
  throw new QuantityError('on or off')
}
const region = (value: string): string => {
  const trimmed = value.trim()
  if (trimmed === '' || trimmed.length > 32 || /\p{C}/u.test(trimmed))
    throw new QuantityError('a text of 1 to 32 characters')
  return trimmed
}
const announced = (value: string): string => {
  if (!/^\/[a-z0-9]+\/.+/.test(value) && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(value)) {
    throw new QuantityError('a multiaddr or a domain')
  }
  return value
}
/** A time, or the pace of a game, for which there is one. */
const pace = (value: string): number => {
  const preset = Object.entries(idlePresetsMs).find(([name]) => name === value)
  return preset === undefined ? parseDuration(value) : preset[1]
}
const level = (value: string): LogLevel => {
  const found = logLevels.find(each => each === value)
  if (found === undefined) throw new QuantityError(`one of ${logLevels.join(', ')}`)
  return found
}
const yes = (value: string): boolean => {
  if (value === 'true' || value === '1' || value === '') return true
  if (value === 'false' || value === '0') return false
  throw new QuantityError('true or false')
}

/** Every setting by its flag's name, in the order of `--help`. */
export const settingRows = {
  host: { value: 'address', default: '0.0.0.0', help: 'address to bind', parse: host },
  port: {
    value: 'port',
    default: '8080',
    help: 'the one TCP port: page, WebSocket, health, metrics. 0 takes a free one',
    parse: parsePort,
  },
  'udp-port': { value: 'port|off', default: '8081', help: 'WebRTC-direct', parse: portOrOff },
  'webtransport-port': {
    value: 'port|off',
    default: '8082',
    help: 'WebTransport, where this machine can',
    parse: portOrOff,
  },
  'stun-port': {
    value: 'port|off',
    default: '3478',
    help: 'STUN, by which browsers find their public address',
    parse: portOrOff,
  },
  'data-dir': {
    value: 'folder',
    default: './data',
    help: 'identity and certificates: an embedded LevelDB',
    parse: text,
  },
  announce: {
    value: 'multiaddr|domain',
    isList: true,
    help: 'announced instead of this machine’s own addresses; a domain stands for wss at port 443',
    parse: announced,
  },
  'trust-proxy': {
    value: 'address|prefix|off',
    isList: true,
    help: 'reverse proxies whose X-Forwarded-For is believed',
    parse: prefix,
  },
  apps: {
    value: 'id|any',
    isList: true,
    help: 'app ids whose topics, reservations and circuits are served; peers that name none are `default` (default any)',
    parse: app,
  },
  'admin-token': {
    value: 'token',
    help: 'opens the admin API and the dashboard (default: the one in the file admin-token of the data directory)',
    isSecret: true,
    parse: token,
  },
  relays: { value: 'multiaddr|URL', isList: true, help: 'other relays to mesh with', parse: relay },
  discover: {
    value: 'on|off',
    help: 'whether relays beyond those are found by way of them (default: on when there are any)',
    parse: onOrOff,
  },
  region: {
    value: 'text',
    help: 'where it stands, in your words: peers of a relay are sent to those of its region first',
    parse: region,
  },
  'web-dir': {
    value: 'folder|off',
    help: 'the page to serve (default: the one that was built with this relay)',
    parse: text,
  },
  'max-memory': limit('relayMemoryBytes', 'the memory that the relay may use; near it, the idlest are closed'),
  'max-peers': limit('relayPeers', 'peers connected at once'),
  'max-reservations': limitOrNone('relayReservations', 'reservations at once'),
  'max-games': limitOrNone('relayTopics', 'topics routed at once'),
  'max-bandwidth': limit(
    'relayBytesPerSecond',
    'traffic of everybody together: circuits, kept records, published games',
  ),
  'peer-bandwidth': limit('peerBytesPerSecond', 'traffic on circuits of one peer'),
  'peer-circuits': limitOrNone('peerCircuits', 'circuits of one peer at once'),
  'peer-requests': limit('peerHopRequestsPerSecond', 'requests of one peer for reservations and circuits, a second'),
  'address-peers': limit('addressPeers', 'peers of one IPv4 address or IPv6 /64'),
  'address-joins': limit('addressJoinsPerSecond', 'new connections a second of one address'),
  'circuit-bandwidth': limit('circuitBytesPerSecond', 'each way on one circuit'),
  'circuit-data': limit('circuitBytes', 'data each way on one circuit'),
  'circuit-duration': limit('circuitDurationMs', 'lifetime of one circuit'),
  'circuit-idle': {
    ...limit('circuitIdleMs', 'after which an unused circuit is closed; or the pace of the games: fast, normal, slow'),
    parse: notZero(pace),
  },
  'reservation-ttl': limit('reservationTtlMs', 'lifetime of a reservation, which clients renew'),
  'max-kept-games': limitOrNone('relayKeptGames', 'games whose sealed records are kept for players who are not there'),
  'max-kept-data': limitOrNone('relayKeptBytes', 'those records of all games, on disk'),
  'kept-ttl': limit('gameKeptMs', 'after which the records of a game are let go that nobody wrote or read'),
  'max-archived-games': limitOrNone(
    'relayArchivedGames',
    'games that their players published; the first ones leave first',
  ),
  'max-archive-data': limitOrNone('relayArchiveBytes', 'published games, on disk'),
  'archive-ttl': limit('relayArchivedMs', 'after which a published game is let go'),
  'log-level': { value: 'level', default: 'info', help: logLevels.join(', '), parse: level },
  json: { help: 'log JSON lines, and print the ready line as JSON', parse: yes },
} as const satisfies Record<string, SettingRow<unknown>>

/** The name of a setting, which is its flag without the dashes. */
export type SettingName = keyof typeof settingRows

/** The flags that set a limit of `@tsugi/protocol`. */
export const limitFlags = {
  'max-memory': 'relayMemoryBytes',
  'max-peers': 'relayPeers',
  'max-reservations': 'relayReservations',
  'max-games': 'relayTopics',
  'max-bandwidth': 'relayBytesPerSecond',
  'peer-bandwidth': 'peerBytesPerSecond',
  'peer-circuits': 'peerCircuits',
  'peer-requests': 'peerHopRequestsPerSecond',
  'address-peers': 'addressPeers',
  'address-joins': 'addressJoinsPerSecond',
  'circuit-bandwidth': 'circuitBytesPerSecond',
  'circuit-data': 'circuitBytes',
  'circuit-duration': 'circuitDurationMs',
  'circuit-idle': 'circuitIdleMs',
  'reservation-ttl': 'reservationTtlMs',
  'max-kept-games': 'relayKeptGames',
  'max-kept-data': 'relayKeptBytes',
  'kept-ttl': 'gameKeptMs',
  'max-archived-games': 'relayArchivedGames',
  'max-archive-data': 'relayArchiveBytes',
  'archive-ttl': 'relayArchivedMs',
} as const satisfies Partial<Record<SettingName, LimitName>>

/**
 * A setting that overrides a limit of the table, in the limit's unit. 0 is refused: some mean "none" by it, others "as much as you
 * like", and a relay that serves nobody, or everybody without end, is found out too late.
 */
function limit(name: LimitName, help: string): LimitRow {
  const row = limitOrNone(name, help)
  return { ...row, parse: notZero(row.parse) }
}

function notZero(parse: (value: string) => number): (value: string) => number {
  return value => {
    const parsed = parse(value)
    if (parsed === 0) throw new QuantityError('more than 0, or off for no limit')
    return parsed
  }
}

type LimitRow = SettingRow<number> & { readonly value: string; readonly default: string }

/** The same where 0 has one meaning: the relay does not do that at all. */
function limitOrNone(name: LimitName, help: string): LimitRow {
  const row = LIMITS[name]
  switch (row.unit) {
    case 'bytes':
      return { value: 'bytes', default: writeBytes(row.default), help, parse: parseBytes }
    case 'bytes/s':
      return { value: 'bytes', default: writeBytes(row.default), help: `${help}, a second`, parse: parseBytes }
    case 'ms':
      return { value: 'time', default: writeDuration(row.default), help, parse: parseDuration }
    case 'count':
    case 'count/s':
      return { value: 'number', default: String(row.default), help, parse: parseCount }
  }
}

function writeBytes(bytes: number): string {
  if (bytes % 1_024 ** 2 === 0) return `${bytes / 1_024 ** 2}MiB`
  return bytes % 1e6 === 0 ? `${bytes / 1e6}MB` : String(bytes)
}

function writeDuration(ms: number): string {
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000}d`
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`
  return ms % 60_000 === 0 ? `${ms / 60_000}min` : `${ms / 1_000}s`
}
