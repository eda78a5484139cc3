import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..')

test('the example of the README runs as it stands', async () => {
  const code = /```ts\n(.*?)```/s.exec(readFileSync(join(folder, 'README.md'), 'utf8'))?.[1] ?? ''
  const flags = ['--input-type=module-typescript', '--conditions=@tsugi/source', '--no-warnings', '-e', code]
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: folder })
  expect(stdout).toMatch(/'\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/12D3KooW/)
  expect(stdout).toMatch(/'stun:127\.0\.0\.1:\d+'/)
  expect(stdout).toMatch(/\n0\n$/)
})
