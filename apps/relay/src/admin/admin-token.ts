import { randomBytes } from 'node:crypto'
import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { ConfigError } from '../config/config-error.ts'
import { writeAtomically } from '../files/write-atomically.ts'

/** 256 bits: nobody guesses it, at any rate. */
const tokenBytes = 32
/** A file that is longer holds something else. */
const maxFileBytes = 4_096
const othersMayRead = 0o077

/** What opens the admin API and the dashboard. */
export interface AdminToken {
  readonly value: string
  /** The file that holds it; `undefined` when it was given by flag, variable or configuration file. */
  readonly path: string | undefined
  /** Whether the file could be read by others, until now. */
  readonly wasExposed: boolean
}

/**
 * The token that was given, or the one that is kept in the data directory, which is made on the first start: a file of mode 0600 that its
 * owner can `cat`.
 *
 * @throws ConfigError when the file cannot be read or written, or holds no token
 */
export async function loadAdminToken(dataDir: string, given: string | undefined): Promise<AdminToken> {
  if (given !== undefined) return { value: given, path: undefined, wasExposed: false }
  const path = join(dataDir, 'admin-token')
  try {
    const { size, mode } = await stat(path)
    const value = size > maxFileBytes ? '' : (await readFile(path, 'utf8')).trim()
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw new ConfigError(`${path} holds no token: remove it, and the relay makes a new one.`)
    }
    const wasExposed = (mode & othersMayRead) !== 0
    if (wasExposed) await chmod(path, 0o600)
    return { value, path, wasExposed }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asConfigError(error, path)
  }
  const value = randomBytes(tokenBytes).toString('base64url')
  try {
    await writeAtomically(path, `${value}\n`)
  } catch (error) {
    throw asConfigError(error, path)
  }
  return { value, path, wasExposed: false }
}

function asConfigError(error: unknown, path: string): ConfigError {
  if (error instanceof ConfigError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ConfigError(`The admin token in ${path} cannot be used: ${message}`, { cause: error })
}
