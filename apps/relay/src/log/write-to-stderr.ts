import { writeSync } from 'node:fs'

/**
 * Writes at once, so the last line before an exit is not lost. What cannot be written is dropped: a terminal that was closed, a full disk
 * or a reader that has ended must not end the relay, and by the streams of Node and of pino the failure would reach whoever logged.
 */
export function writeToStderr(text: string): void {
  let rest = Buffer.from(text)
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(2, rest))
  } catch {
    // There is nowhere left to say so.
  }
}
