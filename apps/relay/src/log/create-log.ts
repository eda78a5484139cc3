import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'

import type { LogLevel } from '../config/settings.ts'
import { writeToStderr } from './write-to-stderr.ts'

/** A log on stderr: stdout carries the ready line and nothing else, so a program that starts the relay can read it. */
export function createLog(level: LogLevel, isJson: boolean): Logger {
  const options = { level, base: null }
  if (isJson) return pino(options, { write: writeToStderr })
  const format = prettyFactory({
    colorize: process.stderr.isTTY,
    ignore: 'pid,hostname',
    // A relay runs for months, and its log is searched by lines.
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
    singleLine: true,
  })
  return pino(options, { write: line => writeToStderr(format(line)) })
}
