import { access, constants, mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { LevelDatastore } from 'datastore-level'
import type { Datastore } from 'interface-datastore'

import { RelayError } from '../relay-error.ts'

/** An open store and the way to close it. */
export interface OpenStore {
  readonly datastore: Datastore
  close(): Promise<void>
}

/**
 * Opens the LevelDB below a relay's data directory, which is made when it is missing.
 *
 * @throws RelayError `relay/data-dir-locked` when another process has it open, `relay/data-dir-unusable` when it cannot be
 * read, written or made
 */
export async function openDataDir(dataDir: string): Promise<OpenStore> {
  try {
    await makeFolder(resolve(dataDir))
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new RelayError(
      'relay/data-dir-unusable',
      `The data directory ${dataDir} cannot be used: ${messageOf(cause)}`,
      cause,
    )
  }
  const store = new LevelDatastore(join(dataDir, 'store'))
  try {
    // datastore-level keeps only the message of what went wrong, so the database is opened here, where its code can be read.
    await store.db.open({ createIfMissing: true, compression: false })
  } catch (cause) {
    if (isLocked(cause)) {
      throw new RelayError('relay/data-dir-locked', `The data directory ${dataDir} is in use by another relay.`, cause)
    }
    throw new RelayError(
      'relay/data-dir-unusable',
      `The database in ${dataDir} cannot be opened: ${messageOf(cause)}. Bring it back from a backup, or move the folder away.`,
      cause,
    )
  }
  return { datastore: store, close: () => store.close() }
}

/** Node's own `recursive` asks for ever where a folder is there and takes none, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  if ((await tryToMake(path)) || dirname(path) === path) return
  await makeFolder(dirname(path))
  if (!(await tryToMake(path))) throw new Error(`ENOENT: ${dirname(path)} takes no folder`)
}

/** Whether it is there now; `false` when the folder around it is not. */
async function tryToMake(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return false
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return true
    throw error
  }
}

function isLocked(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ((each as { code?: string }).code === 'LEVEL_LOCKED') return true
  }
  return false
}

/** The innermost reason, in one line. */
function messageOf(error: unknown): string {
  let message = String(error)
  for (let each = error; each instanceof Error; each = each.cause) message = each.message
  return message.split('\n', 1)[0] ?? message
}
