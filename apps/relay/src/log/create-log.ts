import { type Logger, destination, pino } from 'pino'
import pretty from 'pino-pretty'

import type { LogLevel } from '../config/settings.ts'

/**
 * A log on stderr: stdout carries the ready line and nothing else, so a program that starts the relay can read it.
 * Writes are synchronous, so the last line before an exit is not lost.
 */
export function createLog(level: LogLevel, isJson: boolean): Logger {
  const options = { level, base: null }
  if (isJson) return pino(options, destination({ fd: 2, sync: true }))
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      colorize: process.stderr.isTTY,
      ignore: 'pid,hostname',
      // A relay runs for months, and its log is searched by lines.
      translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
      singleLine: true,
    }),
  )
}
