import { variableOf } from './read-settings.ts'
import { type SettingRow, settingRows } from './settings.ts'

/** What `--help` prints. */
export function helpText(): string {
  const rows = Object.entries(settingRows as Record<string, SettingRow<unknown>>).map(([name, row]) => {
    const flag = `  --${name}${row.value === undefined ? '' : ` <${row.value}>`}`
    const fallback = row.default === undefined ? '' : ` [${row.default}]`
    const repeatable = row.isList === true ? '; repeatable' : ''
    return { flag, help: `${row.help}${fallback}${repeatable}` }
  })
  const width = Math.max(...rows.map(({ flag }) => flag.length)) + 2
  return [
    'tsugi-relay: a relay for games in browsers, with the page, health and metrics on one port.',
    '',
    'Usage: tsugi-relay [flags]',
    '',
    ...rows.map(({ flag, help }) => `${flag.padEnd(width)}${help}`),
    `${'  --config <file>'.padEnd(width)}a TOML file whose keys are the flags’ names without the dashes`,
    `${'  --help, --version'.padEnd(width)}print this, or the version`,
    '',
    `Each flag is also an environment variable, such as ${variableOf('data-dir')}; lists are separated by commas there.`,
    'A flag goes before a variable, a variable before the file. Sizes: 64MiB, 1MB. Times: 90s, 5min, 4h. No limit: off.',
    'Exit codes: 0 after a clean stop, 2 when it could not start as asked, 3 when memory ran out, 1 for anything else.',
    '',
  ].join('\n')
}
