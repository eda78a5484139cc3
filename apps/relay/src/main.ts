#!/usr/bin/env node
/**
 * `tsugi-relay`: the relay as a command. See the package's README for flags, output and exit codes.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'

import { ConfigError } from './config/config-error.ts'
import { helpText } from './config/help.ts'
import { readSettings, type Settings } from './config/read-settings.ts'
import { createLog } from './log/create-log.ts'
import { writeToStderr } from './log/write-to-stderr.ts'
import { applyMemorySettings } from './memory-settings.ts'
import { localUrl, readyJson, readyText } from './ready-line.ts'
import { runRelay } from './run-relay.ts'

const exitCodes = { ok: 0, failed: 1, config: 2, memory: 3 } as const
type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
/** A drain that hangs is cut off before whoever sent the signal loses patience at 10 s. */
const drainDeadlineMs = 9_000
/** A terminal signals every process that it runs, and npm and `npm start` hand the signal on besides: what comes so soon is no second wish. */
const sameWishMs = 1_000

function fail(error: unknown): never {
  if (error instanceof ConfigError) {
    writeToStderr(`tsugi-relay: ${error.message}\n`)
    process.exit(exitCodes.config)
  }
  writeToStderr(`tsugi-relay: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(exitCodes.failed)
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

async function run(settings: Settings, warnings: readonly string[]): Promise<void> {
  const log = createLog(settings.logLevel, settings.isJson)
  let stop: ((reason: string, code: ExitCode) => void) | undefined
  let stopWanted: { readonly reason: string; readonly code: ExitCode; readonly atMs: number } | undefined
  const wantStop = (reason: string, code: ExitCode): void => {
    stopWanted = { reason, code, atMs: performance.now() }
    stop?.(reason, code)
  }
  const onSignal = (signal: string): void => {
    if (stopWanted !== undefined) {
      if (performance.now() - stopWanted.atMs > sameWishMs) process.exit(exitCodes.failed)
      return
    }
    // Also while it starts, which may hang on a disk or a name.
    setTimeout(() => process.exit(exitCodes.ok), drainDeadlineMs).unref()
    wantStop(signal, exitCodes.ok)
  }
  // A terminal that is closed sends the last one.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, onSignal)
  const running = await runRelay(settings, log, versionOf(), () => {
    if (stopWanted === undefined) wantStop('memory', exitCodes.memory)
  })
  // A promise that failed somewhere in a library concerns one peer; ending the games of all others would be worse.
  process.on('unhandledRejection', reason => {
    running.metrics.countUnhandledRejection()
    log.warn({ error: reason instanceof Error ? reason.stack : String(reason) }, 'a failure went unnoticed')
  })
  stop = (reason, code) => {
    setTimeout(() => process.exit(code), drainDeadlineMs).unref()
    running.stop(reason).then(() => process.exit(code), fail)
  }
  if (stopWanted !== undefined) {
    stop(stopWanted.reason, stopWanted.code)
    return
  }
  for (const warning of warnings) log.warn(warning)
  const { facts } = running
  process.stdout.write(`${settings.isJson ? readyJson(facts, process.pid) : readyText(facts)}\n`)
  log.info({ version: versionOf(), peerId: facts.peerId, http: localUrl(facts.host, facts.port) }, 'ready')
  log.debug({ multiaddrs: facts.multiaddrs }, 'announced')
}

try {
  const { execPath, execArgv, argv, env } = process
  const isConnected = process.connected ?? false
  applyMemorySettings({ execPath, execArgv, argv, env, isConnected, execve: process.execve?.bind(process) })
  const request = readSettings(process.argv.slice(2), process.env)
  if (request.kind === 'help') process.stdout.write(helpText())
  else if (request.kind === 'version') process.stdout.write(`${versionOf()}\n`)
  else await run(request.settings, request.warnings)
} catch (error) {
  fail(error)
}
