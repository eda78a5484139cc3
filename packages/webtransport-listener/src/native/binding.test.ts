import { expect, it } from 'vitest'

import { tryToLoad } from './binding.ts'

it('says in one sentence that the C library is too old', () => {
  const found = tryToLoad('linux', 'x64', () => {
    throw new Error("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by …)")
  })
  expect(found).toMatchObject({
    code: 'webtransport/unavailable',
    message:
      'WebTransport is not available on this machine: its native part needs glibc 2.38 or newer, and this system has an older one.',
  })
})

it('says that a platform has no native part, or that it is not installed', () => {
  expect(tryToLoad('freebsd', 'x64', () => ({}))).toMatchObject({
    message: 'WebTransport is not available on this machine: there is no native part for freebsd on x64.',
  })
  const missing = Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
  const found = tryToLoad('linux', 'arm64', () => {
    throw missing
  })
  expect(found).toMatchObject({
    message:
      'WebTransport is not available on this machine: its native part @moq/web-transport-linux-arm64-gnu is not installed.',
  })
})
