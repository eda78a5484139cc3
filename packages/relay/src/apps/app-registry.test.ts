import { type AppId, defaultApp } from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { AppRegistry } from './app-registry.ts'

const [go, chess] = ['go' as AppId, 'chess' as AppId]

test('[B3] who has told nothing belongs to the default app', () => {
  const registry = new AppRegistry({ served: 'any', maxPeers: 10 })
  expect(registry.appOf('a')).toBe(defaultApp)
  expect(registry.tell('a', defaultApp)).toBe('told')
})

test('[N3] the last word counts, until the peer is gone; nothing is kept of it then', () => {
  const registry = new AppRegistry({ served: 'any', maxPeers: 10 })
  expect(registry.tell('a', go)).toBe('changed')
  expect(registry.tell('a', go)).toBe('told')
  expect(registry.tell('a', chess)).toBe('changed')
  registry.tell('b', chess)
  expect([registry.appOf('a'), registry.appOf('b'), registry.apps]).toEqual([chess, chess, 1])
  registry.forget('a')
  registry.forget('a')
  expect([registry.appOf('a'), registry.appOf('b')]).toEqual([defaultApp, chess])
  registry.forget('b')
  expect([registry.size, registry.apps]).toEqual([0, 0])
})

test('only so many peers are remembered, and who is remembered may change its app', () => {
  const registry = new AppRegistry({ served: 'any', maxPeers: 1 })
  registry.tell('a', go)
  expect(registry.tell('b', go)).toBe('full')
  expect(registry.tell('a', chess)).toBe('changed')
  expect([registry.size, registry.apps]).toEqual([1, 1])
})

test('serves every app, or those on its list', () => {
  expect(new AppRegistry({ served: 'any', maxPeers: 1 }).isServed(chess)).toBe(true)
  const registry = new AppRegistry({ served: [go], maxPeers: 1 })
  expect([registry.isServed(go), registry.isServed(chess), registry.isServed(defaultApp)]).toEqual([true, false, false])
})
