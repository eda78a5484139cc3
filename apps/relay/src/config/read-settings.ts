import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import type { LimitName, Limits } from '@tsugi/protocol'
import { TomlError, parse as parseToml } from 'smol-toml'

import { ConfigError } from './config-error.ts'
import { didYouMean } from './nearest-name.ts'
import { QuantityError } from './parse-quantity.ts'
import { type LogLevel, type SettingName, type SettingRow, limitFlags, settingRows } from './settings.ts'

/** Everything that the command wants to know, read and checked. */
export interface Settings {
  readonly host: string
  readonly port: number
  readonly udpPort: number | 'off'
  readonly webTransportPort: number | 'off'
  readonly stunPort: number | 'off'
  readonly dataDir: string
  readonly announce: readonly string[]
  readonly trustProxy: readonly string[]
  readonly relays: readonly string[]
  /** `undefined`: when relays are named. */
  readonly discover: boolean | undefined
  readonly region: string | undefined
  readonly apps: readonly string[] | 'any'
  readonly adminToken: string | undefined
  /** A folder, `off`, or `undefined` for the page that was built with the relay. */
  readonly webDir: string | undefined
  readonly limits: Partial<Limits>
  readonly logLevel: LogLevel
  readonly isJson: boolean
}

/** What a command line asks for: to run, or to print something. */
export type Request =
  | {
      readonly kind: 'run'
      readonly settings: Settings
      /** What was given and has no effect, a sentence each: probably a mistake, and no reason not to start. */
      readonly warnings: readonly string[]
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }

/** A setting's values as text, with the words for where they came from. */
interface Given {
  readonly values: readonly string[]
  readonly origin: string
}

const names = Object.keys(settingRows) as SettingName[]

/** The environment variable of a setting: `data-dir` is `TSUGI_DATA_DIR`. */
export function variableOf(name: string): string {
  return `TSUGI_${name.toUpperCase().replaceAll('-', '_')}`
}

const flagNames = [...names, 'config', 'help', 'version'].map(name => `--${name}`)
const variableNames = [...names, 'config'].map(variableOf)

/**
 * Reads the settings: a flag goes before a variable, a variable before the file, the file before the default.
 *
 * @param args - the command line without node and the script
 * @throws ConfigError in one line, when anything cannot be read
 */
export function readSettings(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Request {
  const flags = readFlags(args)
  if (flags.values['help'] === true) return { kind: 'help' }
  if (flags.values['version'] === true) return { kind: 'version' }
  const file = readFile(flags.values['config'] ?? nonEmpty(env['TSUGI_CONFIG']))
  const given = new Map<SettingName, Given>()
  for (const name of names) {
    const found = fromFlag(name, flags.values[name]) ?? fromVariable(name, env) ?? file.get(name)
    if (found !== undefined) given.set(name, found)
  }
  return { kind: 'run', settings: settingsOf(given), warnings: [...flags.warnings, ...unknownVariables(env)] }
}

type FlagValues = Record<string, string | boolean | Array<string | boolean> | undefined>

/** What stands on the command line, and which flags were given again although one value is all they take. */
function readFlags(args: readonly string[]): { values: FlagValues; warnings: string[] } {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
    config: { type: 'string' },
  }
  for (const name of names) {
    const row: SettingRow<unknown> = settingRows[name]
    options[name] = row.value === undefined ? { type: 'boolean' } : { type: 'string', multiple: row.isList === true }
  }
  try {
    const { values, tokens } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
      tokens: true,
    })
    return { values, warnings: repeated(tokens) }
  } catch (error) {
    const unknown = /^Unknown option '(--[^']*)'/.exec(error instanceof Error ? error.message : '')?.[1]
    const meant = unknown === undefined ? '' : didYouMean(unknown, flagNames)
    throw new ConfigError(`${firstSentence(error)}${meant} See --help.`)
  }
}

/** A script that adds flags of its own may be given them again; the last one holds, as everywhere, and the operator is told. */
function repeated(tokens: ReadonlyArray<{ readonly kind: string; readonly name?: string }>): string[] {
  const times = Map.groupBy(
    tokens.filter(({ kind }) => kind === 'option'),
    ({ name }) => name ?? '',
  )
  return [...times]
    .filter(([name, each]) => each.length > 1 && takesOneValue(name))
    .map(([name, each]) => `--${name} was given ${each.length} times, and takes one value: the last one holds.`)
}

function takesOneValue(flag: string): boolean {
  if (flag === 'config') return true
  const row: SettingRow<unknown> | undefined = names.includes(flag as SettingName)
    ? settingRows[flag as SettingName]
    : undefined
  return row?.value !== undefined && row.isList !== true
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter(name => name.startsWith('TSUGI_') && !variableNames.includes(name))
    .map(name => `The variable ${name} is no setting of this relay.${didYouMean(name, variableNames)}`)
}

function fromFlag(name: SettingName, value: FlagValues[string]): Given | undefined {
  if (value === undefined) return undefined
  return { values: [value].flat().map(String), origin: `--${name}` }
}

function fromVariable(name: SettingName, env: Readonly<Record<string, string | undefined>>): Given | undefined {
  const value = nonEmpty(env[variableOf(name)])
  return value === undefined ? undefined : { values: [value], origin: variableOf(name) }
}

function readFile(path: FlagValues[string]): Map<SettingName, Given> {
  const given = new Map<SettingName, Given>()
  if (typeof path !== 'string') return given
  for (const [key, value] of Object.entries(parseFile(path))) {
    const name = names.find(each => each === key)
    if (name === undefined) throw new ConfigError(`${path}: there is no setting "${key}".${didYouMean(key, names)}`)
    const values = (Array.isArray(value) ? value : [value]).map(each => {
      if (each === false && settingRows[name] !== settingRows.json) return 'off'
      if (typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean') return String(each)
      throw new ConfigError(`${path}: "${key}" must be a text, a number or a list of texts.`)
    })
    given.set(name, { values, origin: `${path}: ${key}` })
  }
  return given
}

function parseFile(path: string): Record<string, unknown> {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`The file ${path} cannot be read: ${firstSentence(error)}`)
  }
  try {
    return parseToml(content)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw new ConfigError(`${path} is not TOML: line ${error.line}, column ${error.column}: ${firstSentence(error)}`)
  }
}

function settingsOf(given: ReadonlyMap<SettingName, Given>): Settings {
  const one = <Name extends SettingName>(name: Name): ReturnType<(typeof settingRows)[Name]['parse']> | undefined => {
    const row: SettingRow<unknown> = settingRows[name]
    const { values, origin } = given.get(name) ?? {
      values: row.default === undefined ? [] : [row.default],
      origin: name,
    }
    if (values.length > 1) throw new ConfigError(`${origin} takes one value, not ${values.length}.`)
    const [value] = values
    return value === undefined
      ? undefined
      : (parseOne(row, value, origin) as ReturnType<(typeof settingRows)[Name]['parse']>)
  }
  const list = (name: SettingName, none: string): string[] => {
    const { values, origin } = given.get(name) ?? { values: [], origin: name }
    const split = values.flatMap(value => value.split(',')).map(value => value.trim())
    const entries = split.filter(value => value !== '')
    if (entries.includes(none)) {
      if (entries.length > 1) throw new ConfigError(`${origin}: "${none}" stands alone.`)
      return []
    }
    return entries.map(value => parseOne(settingRows[name], value, origin) as string)
  }
  const limits: Partial<Record<LimitName, number>> = {}
  for (const [name, limit] of Object.entries(limitFlags) as Array<[keyof typeof limitFlags, LimitName]>) {
    const value = one(name)
    if (value !== undefined && given.has(name)) limits[limit] = value
  }
  if (limits.reservationTtlMs !== undefined && limits.reservationTtlMs < 60_000) {
    throw new ConfigError('--reservation-ttl must be at least 1min: clients renew some time before it ends.')
  }
  const apps = list('apps', 'any')
  return {
    host: one('host') ?? '0.0.0.0',
    port: one('port') ?? 0,
    udpPort: one('udp-port') ?? 'off',
    webTransportPort: one('webtransport-port') ?? 'off',
    stunPort: one('stun-port') ?? 'off',
    dataDir: one('data-dir') ?? './data',
    announce: list('announce', 'off'),
    trustProxy: list('trust-proxy', 'off'),
    relays: list('relays', 'off'),
    discover: one('discover'),
    region: one('region'),
    apps: apps.length === 0 ? 'any' : apps,
    adminToken: one('admin-token'),
    webDir: one('web-dir'),
    limits,
    logLevel: one('log-level') ?? 'info',
    isJson: one('json') ?? false,
  }
}

function parseOne(row: SettingRow<unknown>, value: string, origin: string): unknown {
  try {
    return row.parse(value.trim())
  } catch (error) {
    if (error instanceof QuantityError)
      throw new ConfigError(`${origin} must be ${error.message}${row.isSecret === true ? '' : `, not "${value}"`}.`)
    throw error
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value
}

/** The first line of a message, as a sentence. */
function firstSentence(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
  const sentence = line.split('. ', 1)[0] ?? line
  return sentence.endsWith('.') ? sentence : `${sentence}.`
}
