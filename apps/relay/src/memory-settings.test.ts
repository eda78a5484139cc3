import { expect, test, vi } from 'vitest'

import { type Launch, applyMemorySettings } from './memory-settings.ts'

const launch = (change: Partial<Launch> = {}): Launch & { execve: ReturnType<typeof vi.fn<() => void>> } => ({
  execPath: '/bin/node',
  execArgv: ['--enable-source-maps'],
  argv: ['/bin/node', 'main.js', '--port', '0'],
  env: { HOME: '/root', EMPTY: undefined },
  isConnected: false,
  execve: vi.fn<() => void>(),
  ...(change as object),
})

test('the relay starts itself anew with its own arguments and a small young generation', () => {
  const process = launch()
  applyMemorySettings(process)
  expect(process.execve).toHaveBeenCalledExactlyOnceWith(
    '/bin/node',
    ['/bin/node', '--max-semi-space-size=4', '--enable-source-maps', 'main.js', '--port', '0'],
    { HOME: '/root', MALLOC_ARENA_MAX: '2' },
  )
})

test.each([
  ['it has been done', { execArgv: ['--max-semi-space-size=4'] }],
  ['the operator has chosen', { env: { NODE_OPTIONS: '--max_semi_space_size=64' } }],
  ['somebody talks to it over a channel, which would be lost', { isConnected: true }],
])('nothing happens when %s', (_when, change) => {
  const process = launch(change)
  applyMemorySettings(process)
  expect(process.execve).not.toHaveBeenCalled()
})

test('the operator’s own allocator setting stays', () => {
  const process = launch({ env: { MALLOC_ARENA_MAX: '8' } })
  applyMemorySettings(process)
  expect(process.execve.mock.lastCall).toEqual(expect.arrayContaining([{ MALLOC_ARENA_MAX: '8' }]))
})
