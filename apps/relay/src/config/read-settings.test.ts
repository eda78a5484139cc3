import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { ConfigError } from './config-error.ts'
import { helpText } from './help.ts'
import { type Settings, readSettings, variableOf } from './read-settings.ts'
import { type SettingName, limitFlags, settingRows } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsugi-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))
function tomlFile(content: string): string {
  const path = join(folder, `${Math.random()}.toml`)
  writeFileSync(path, content)
  return path
}
function read(args: string[] = [], env: Record<string, string> = {}): Settings {
  const request = readSettings(args, env)
  if (request.kind !== 'run') throw new Error(`asked for ${request.kind}`)
  return request.settings
}

test('without anything, the defaults hold', () => {
  expect(read()).toEqual({
    host: '0.0.0.0',
    port: 8080,
    udpPort: 8081,
    webTransportPort: 8082,
    stunPort: 3478,
    dataDir: './data',
    announce: [],
    trustProxy: [],
    relays: [],
    discover: undefined,
    region: undefined,
    apps: 'any',
    adminToken: undefined,
    webDir: undefined,
    limits: {},
    logLevel: 'info',
    isJson: false,
  })
})

/** A value for each setting, what it becomes, and where that stands. */
const samples: Record<SettingName, [string, (settings: Settings) => unknown, unknown]> = {
  host: ['127.0.0.1', s => s.host, '127.0.0.1'],
  port: ['0', s => s.port, 0],
  'udp-port': ['off', s => s.udpPort, 'off'],
  'webtransport-port': ['9000', s => s.webTransportPort, 9000],
  'stun-port': ['0', s => s.stunPort, 0],
  'data-dir': ['/var/lib/tsugi', s => s.dataDir, '/var/lib/tsugi'],
  announce: ['example.org', s => s.announce, ['example.org']],
  'trust-proxy': ['10.0.0.0/8', s => s.trustProxy, ['10.0.0.0/8']],
  relays: ['https://relay.example', s => s.relays, ['https://relay.example']],
  discover: ['off', s => s.discover, false],
  region: [' Kansai ', s => s.region, 'Kansai'],
  apps: ['my-game', s => s.apps, ['my-game']],
  'admin-token': ['secret', s => s.adminToken, 'secret'],
  'web-dir': ['/srv/page', s => s.webDir, '/srv/page'],
  'max-memory': ['1GB', s => s.limits.relayMemoryBytes, 1e9],
  'max-peers': ['20000', s => s.limits.relayPeers, 20_000],
  'max-reservations': ['5', s => s.limits.relayReservations, 5],
  'max-games': ['off', s => s.limits.relayTopics, Number.POSITIVE_INFINITY],
  'max-bandwidth': ['20MB', s => s.limits.relayBytesPerSecond, 2e7],
  'peer-bandwidth': ['1MiB', s => s.limits.peerBytesPerSecond, 1_048_576],
  'peer-circuits': ['7', s => s.limits.peerCircuits, 7],
  'peer-requests': ['7', s => s.limits.peerHopRequestsPerSecond, 7],
  'address-peers': ['500', s => s.limits.addressPeers, 500],
  'address-joins': ['100', s => s.limits.addressJoinsPerSecond, 100],
  'circuit-bandwidth': ['off', s => s.limits.circuitBytesPerSecond, Number.POSITIVE_INFINITY],
  'circuit-data': ['1GiB', s => s.limits.circuitBytes, 1_073_741_824],
  'circuit-duration': ['30min', s => s.limits.circuitDurationMs, 1_800_000],
  'circuit-idle': ['90s', s => s.limits.circuitIdleMs, 90_000],
  'reservation-ttl': ['2h', s => s.limits.reservationTtlMs, 7_200_000],
  'max-kept-games': ['0', s => s.limits.relayKeptGames, 0],
  'max-kept-data': ['1GiB', s => s.limits.relayKeptBytes, 1_073_741_824],
  'kept-ttl': ['7d', s => s.limits.gameKeptMs, 604_800_000],
  'max-archived-games': ['off', s => s.limits.relayArchivedGames, Number.POSITIVE_INFINITY],
  'max-archive-data': ['1GB', s => s.limits.relayArchiveBytes, 1e9],
  'archive-ttl': ['off', s => s.limits.relayArchivedMs, Number.POSITIVE_INFINITY],
  'log-level': ['debug', s => s.logLevel, 'debug'],
  json: ['true', s => s.isJson, true],
}

describe.each(Object.entries(samples))('%s', (name, [value, where, expected]) => {
  test('is read from its flag', () => {
    const args = name === 'json' ? ['--json'] : [`--${name}`, value]
    expect(where(read(args))).toEqual(expected)
  })

  test('is read from its variable', () => {
    expect(where(read([], { [variableOf(name)]: value }))).toEqual(expected)
  })

  test('is read from the file', () => {
    expect(where(read(['--config', tomlFile(`${name} = ${JSON.stringify(value)}\n`)]))).toEqual(expected)
  })

  test('stands in --help', () => {
    expect(helpText()).toContain(`--${name}`)
  })
})

describe('precedence', () => {
  test('a flag goes before a variable, a variable before the file, the file before the default', () => {
    const env = {
      TSUGI_CONFIG: tomlFile('port = 1\nhost = "127.0.0.1"\nstun-port = 3\n'),
      TSUGI_PORT: '2',
      TSUGI_HOST: '::1',
    }
    const settings = read(['--port', '4'], env)
    expect(settings).toMatchObject({ port: 4, host: '::1', stunPort: 3, udpPort: 8081 })
  })

  test('an empty variable is as none', () => {
    expect(read([], { TSUGI_PORT: '' }).port).toBe(8080)
  })
})

describe('lists', () => {
  test('are repeated flags, commas, or a list in the file', () => {
    expect(read(['--apps', 'a', '--apps', 'b,c']).apps).toEqual(['a', 'b', 'c'])
    expect(read([], { TSUGI_ANNOUNCE: 'example.org, /ip4/192.0.2.1/tcp/80/ws' }).announce).toHaveLength(2)
    expect(read(['--config', tomlFile('trust-proxy = ["10.0.0.1", "::1"]')]).trustProxy).toEqual(['10.0.0.1', '::1'])
  })

  test('"any" and "off" stand alone', () => {
    expect(read(['--apps', 'any', '--trust-proxy', 'off'])).toMatchObject({ apps: 'any', trustProxy: [] })
    expect(() => read(['--apps', 'any,mine'])).toThrow(ConfigError)
  })
})

describe('the file', () => {
  test('takes numbers and booleans where they are meant', () => {
    const path = tomlFile('port = 8090\njson = true\nudp-port = false\nmax-peers = 100\n')
    expect(read(['--config', path])).toMatchObject({
      port: 8090,
      isJson: true,
      udpPort: 'off',
      limits: { relayPeers: 100 },
    })
  })

  test.each([
    ['an unknown key', 'colour = "red"', /there is no setting "colour"/],
    ['what is no TOML', 'port = \nhost', /is not TOML: line 1/],
    ['a table', '[port]\na = 1', /"port" must be/],
    ['a bad value', 'port = 99999', /port must be a port/],
  ])('%s is told with the file’s name', (_, content, message) => {
    const path = tomlFile(content)
    expect(() => read(['--config', path])).toThrow(message)
    expect(() => read(['--config', path])).toThrow(path)
  })

  test('a missing file is told', () => {
    expect(() => read(['--config', join(folder, 'none.toml')])).toThrow(/cannot be read/)
  })
})

test.each([
  ['fast', 2],
  ['normal', 5],
  ['slow', 10],
])('[B4] a circuit’s idle time may be named by the pace of the games: %s is %i min', (name, minutes) => {
  expect(read(['--circuit-idle', name]).limits.circuitIdleMs).toBe(minutes * 60_000)
})

describe('what cannot be used is one line that names it', () => {
  test.each([
    [['--prot', '1'], /--prot/],
    [['--port', 'http'], /--port must be a port/],
    [['--port', '-1'], /--port/],
    [['--port'], /--port/],
    [['--host', 'a b'], /--host must be an IP address/],
    [['--udp-port', '70000'], /--udp-port/],
    [['--max-memory', 'lots'], /--max-memory must be a size/],
    [['--circuit-idle', '5'], /--circuit-idle must be a time/],
    [['--reservation-ttl', '5s'], /--reservation-ttl must be at least 1min/],
    [['--trust-proxy', 'proxy.local'], /--trust-proxy must be an IP address or a prefix/],
    [['--relays', 'relay.example'], /--relays must be a multiaddr or/],
    [['--discover', 'maybe'], /--discover must be on or off/],
    [['--region', 'x'.repeat(33)], /--region must be a text of 1 to 32/],
    [['--announce', 'https://example.org'], /--announce must be a multiaddr or a domain/],
    [['--apps', 'My Game'], /--apps must be an app id/],
    [['--log-level', 'loud'], /--log-level must be one of/],
    [['something'], /something/],
    // Whether 0 would mean nobody or everybody, nobody should have to guess.
    [['--max-peers', '0'], /--max-peers must be more than 0, or off for no limit/],
    [['--circuit-data', '0'], /--circuit-data must be more than 0/],
    [['--circuit-duration', '0s'], /--circuit-duration must be more than 0/],
    [['--circuit-idle', '0s'], /--circuit-idle must be more than 0/],
    [['--peer-bandwidth', '0'], /--peer-bandwidth must be more than 0/],
    [['--address-joins', '0'], /--address-joins must be more than 0/],
  ])('%j', (args, message) => {
    expect(() => read(args)).toThrow(ConfigError)
    expect(() => read(args)).toThrow(message)
    expect(() => read(args)).not.toThrow(/\n/)
  })

  test('a token that cannot be used is not shown', () => {
    expect(() => read(['--admin-token', 'my secret'])).toThrow(/^--admin-token must be 1 to 256 letters[^"]*$/)
  })

  test('a variable is named as such', () => {
    expect(() => read([], { TSUGI_PORT: 'x' })).toThrow(/TSUGI_PORT must be/)
  })
})

describe('what has no effect is told, and stops nothing', () => {
  const warningsOf = (args: string[], env: Record<string, string> = {}): readonly string[] => {
    const request = readSettings(args, env)
    return request.kind === 'run' ? request.warnings : []
  }

  test('a variable that is misspelt, with the name that was meant', () => {
    expect(warningsOf([], { TSUGI_PROT: '1', TSUGI_MAX_PEER: '2', TSUGI_PORT: '3', TSUGI_CONFIG: '' })).toEqual([
      'The variable TSUGI_PROT is no setting of this relay. Did you mean TSUGI_PORT?',
      'The variable TSUGI_MAX_PEER is no setting of this relay. Did you mean TSUGI_MAX_PEERS?',
    ])
  })

  test('a variable that is like no setting, without a guess', () => {
    expect(warningsOf([], { TSUGI_SOMETHING_ELSE: '1', OTHER: '2' })).toEqual([
      'The variable TSUGI_SOMETHING_ELSE is no setting of this relay.',
    ])
  })

  test('a flag that is given again: the last one holds', () => {
    const args = ['--port', '1', '--port=2', '--apps', 'a', '--apps', 'b', '--json', '--json']
    expect(read(args)).toMatchObject({ port: 2, apps: ['a', 'b'], isJson: true })
    expect(warningsOf(args)).toEqual(['--port was given 2 times, and takes one value: the last one holds.'])
  })
})

test.each([
  [['--prot', '1'], /'--prot'\. Did you mean --port\? See --help\.$/],
  [['--colour', 'red'], /'--colour'\. See --help\.$/],
  [['--config', tomlFile('max-peer = 1')], /no setting "max-peer"\. Did you mean max-peers\?$/],
])('a name that does not exist comes with the one that was meant: %j', (args, message) => {
  expect(() => read(args)).toThrow(message)
})

test('0 stands for none where a relay can do without: reservations, games, circuits, and what it keeps', () => {
  const flags = ['max-reservations', 'max-games', 'peer-circuits', 'max-kept-games', 'max-archived-games']
  const { limits } = read(flags.flatMap(flag => [`--${flag}`, '0']))
  expect(Object.values(limits)).toEqual([0, 0, 0, 0, 0])
})

test('--help and --version come before everything else', () => {
  expect(readSettings(['--help', '--port', 'x'], {})).toEqual({ kind: 'help' })
  expect(readSettings(['-v'], {})).toEqual({ kind: 'version' })
})

test('every limit that has a flag is described with its default', () => {
  for (const name of Object.keys(limitFlags) as SettingName[]) {
    expect(settingRows[name]).toHaveProperty('default')
  }
  expect(helpText()).toMatch(/--circuit-data <bytes> +data each way on one circuit \[64MiB\]/)
  expect(helpText()).toMatch(/--max-games <number> +topics routed at once \[1000\]/)
})
