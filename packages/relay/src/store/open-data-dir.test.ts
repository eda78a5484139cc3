import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Key } from 'interface-datastore'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { openDataDir } from './open-data-dir.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsugi-relay-'))
})
afterEach(async () => {
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true })
})

test('makes the folder, and keeps what is written', async () => {
  const path = join(folder, 'deep', 'data')
  const first = await openDataDir(path)
  await first.datastore.put(new Key('/a'), Uint8Array.of(7))
  await first.close()
  const second = await openDataDir(path)
  expect([...(await second.datastore.get(new Key('/a')))]).toEqual([7])
  await second.close()
})

test.runIf(process.platform === 'linux')(
  'a place that takes no folders is told, instead of being asked for ever',
  async () => {
    await expect(openDataDir('/proc/tsugi/data')).rejects.toMatchObject({ code: 'relay/data-dir-unusable' })
  },
)

test('a folder that is open elsewhere is said to be', async () => {
  const first = await openDataDir(folder)
  await expect(openDataDir(folder)).rejects.toMatchObject({ code: 'relay/data-dir-locked' })
  await first.close()
})

test('a file in its place, or a broken database, is one clear line', async () => {
  const file = join(folder, 'file')
  await writeFile(file, 'x')
  const asFolder = openDataDir(file)
  await expect(asFolder).rejects.toMatchObject({ code: 'relay/data-dir-unusable' })
  await expect(asFolder).rejects.toThrow(/^The data directory [^\n]+$/)
  const path = join(folder, 'broken')
  await (await openDataDir(path)).close()
  await writeFile(join(path, 'store', 'CURRENT'), 'nonsense')
  await expect(openDataDir(path)).rejects.toMatchObject({ code: 'relay/data-dir-unusable' })
})
