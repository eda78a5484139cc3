import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Sessions, openSessions } from './sessions.ts'

const hour = 3_600_000
let dataDir: string
let now: number
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tsugi-sessions-'))
  now = 1_000
})
afterEach(() => rm(dataDir, { recursive: true }))
const open = (token = 'token'): Promise<Sessions> =>
  openSessions({
    dataDir,
    token,
    now: () => now,
    onError: error => {
      throw error
    },
  })

test('a session is known until it is ended or a day is over', async () => {
  const sessions = await open()
  const [one, other] = [sessions.begin(), sessions.begin()]
  expect([sessions.has(one), sessions.has(other), sessions.has('nobody')]).toEqual([true, true, false])
  sessions.end(one)
  expect([sessions.has(one), sessions.size]).toEqual([false, 1])
  now += 24 * hour
  expect([sessions.has(other), sessions.size]).toEqual([false, 0])
  await sessions.saved()
})

test('sessions survive a restart of the relay, and end with another token', async () => {
  const before = await open()
  const id = before.begin()
  await before.saved()
  expect((await open()).has(id)).toBe(true)
  expect((await open('another')).has(id)).toBe(false)
})

test('the file is its owner’s alone, and holds nothing that signs anybody in', async () => {
  const sessions = await open('the-token')
  const id = sessions.begin()
  await sessions.saved()
  const path = join(dataDir, 'admin-sessions.json')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const content = await readFile(path, 'utf8')
  expect(content).not.toContain(id)
  expect(content).not.toContain('the-token')
})

test('there are at most 64: one more ends the oldest', async () => {
  const sessions = await open()
  const ids = Array.from({ length: 65 }, () => sessions.begin())
  expect(sessions.size).toBe(64)
  expect([sessions.has(ids[0] ?? ''), sessions.has(ids[1] ?? ''), sessions.has(ids[64] ?? '')]).toEqual([
    false,
    true,
    true,
  ])
  await sessions.saved()
})

test.each(['', '{', '[]', '{"token":1}', `{"token":"x","sessions":[${'0,'.repeat(40_000)}0]}`])(
  'a file that cannot be read is as none: %.20j',
  async content => {
    await writeFile(join(dataDir, 'admin-sessions.json'), content)
    expect((await open()).size).toBe(0)
  },
)
