import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Datastore } from 'interface-datastore'
import { afterEach, beforeEach } from 'vitest'

import { type OpenStore, openDataDir } from '../src/store/open-data-dir.ts'

/** A database in a folder of its own. */
export interface TestDisk {
  readonly datastore: Datastore
  /** What a restart of the relay finds. */
  reopen(): Promise<void>
}

/** A fresh disk for each test of a file; call once at its top. */
export function createTestDisk(): TestDisk {
  let folder = ''
  let open: OpenStore | undefined
  const theOpen = (): OpenStore => {
    if (open === undefined) throw new Error('The disk is there within a test only.')
    return open
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsugi-disk-'))
    open = await openDataDir(folder)
  })
  afterEach(async () => {
    await theOpen().close()
    await rm(folder, { recursive: true })
  })
  return {
    get datastore() {
      return theOpen().datastore
    },
    async reopen() {
      await theOpen().close()
      open = await openDataDir(folder)
    },
  }
}
