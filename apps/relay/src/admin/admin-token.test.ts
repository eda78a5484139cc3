import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { ConfigError } from '../config/config-error.ts'
import { loadAdminToken } from './admin-token.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tsugi-admin-'))
})
afterEach(() => rm(dataDir, { recursive: true }))
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('B8: the first start makes a token of 256 bits that only its owner can read, and later ones find it', async () => {
  const first = await loadAdminToken(dataDir, undefined)
  expect(first.path).toBe(join(dataDir, 'admin-token'))
  expect(Buffer.from(first.value, 'base64url')).toHaveLength(32)
  expect(await modeOf(join(dataDir, 'admin-token'))).toBe('600')
  expect(await readFile(join(dataDir, 'admin-token'), 'utf8')).toBe(`${first.value}\n`)
  expect(await loadAdminToken(dataDir, undefined)).toEqual(first)
})

test('a token that is given leaves no file', async () => {
  expect(await loadAdminToken(dataDir, 'given')).toMatchObject({ value: 'given', path: undefined })
  await expect(stat(join(dataDir, 'admin-token'))).rejects.toThrow(/ENOENT/)
})

test('a file that others can read is closed to them, and said so', async () => {
  const path = join(dataDir, 'admin-token')
  await writeFile(path, 'my-own-token\n')
  await chmod(path, 0o644)
  expect(await loadAdminToken(dataDir, undefined)).toEqual({ value: 'my-own-token', path, wasExposed: true })
  expect(await modeOf(path)).toBe('600')
  expect((await loadAdminToken(dataDir, undefined)).wasExposed).toBe(false)
})

test.each(['', '\n', 'two words', 'x'.repeat(5_000)])('a file that holds no token is told: %j', async content => {
  await writeFile(join(dataDir, 'admin-token'), content)
  await expect(loadAdminToken(dataDir, undefined)).rejects.toThrow(ConfigError)
})

test('a folder that cannot be written is told in one line', async () => {
  await expect(loadAdminToken(join(dataDir, 'none'), undefined)).rejects.toThrow(/admin token in .* cannot be used/)
})
