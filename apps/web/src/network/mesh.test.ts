import { expect, it } from 'vitest'

import { beforeMesh, meshSentence } from './mesh-status.ts'
import { relaysOfPage } from './mesh.ts'

it('uses the relay that served the page, unless the page names others', () => {
  expect(relaysOfPage('', 'https://go.example')).toEqual(['https://go.example'])
  expect(relaysOfPage(null, 'http://localhost:8080')).toEqual(['http://localhost:8080'])
  expect(relaysOfPage(' https://a.example\n https://b.example ', 'https://static.example')).toEqual([
    'https://a.example',
    'https://b.example',
  ])
})

it('says what to do when the relay cannot be reached, and when it is tried again', () => {
  const offline = { ...beforeMesh, state: 'offline', retryAt: 8_000, relays: ['go.example'] } as const
  expect(meshSentence(offline, 5_000)).toContain('go.example cannot be reached. Trying again in 3 s.')
  expect(meshSentence({ ...offline, retryAt: null }, 5_000)).toContain('Trying again now.')
})
