import { describe, expect, it } from 'vitest'

import { topicTransport } from './topic-transport.ts'

describe('a transport made of a topic', () => {
  it('hands over messages and peers until it is told to stop', async () => {
    const published: Uint8Array[] = []
    const changed = new Set<() => void>()
    let peers = ['ben']
    let deliver: ((result: IteratorResult<{ from: string; data: Uint8Array }>) => void) | undefined
    const topic = {
      get peers() {
        return peers
      },
      publish: (bytes: Uint8Array) => Promise.resolve(published.push(bytes)),
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise<IteratorResult<{ from: string; data: Uint8Array }>>(resolve => {
            deliver = resolve
          }),
      }),
    }
    const transport = topicTransport('ann', topic, callback => {
      changed.add(callback)
      return () => changed.delete(callback)
    })
    const heard: unknown[] = []
    const stop = transport.listen({
      onMessage: (from, bytes) => heard.push([from, ...bytes]),
      onPeers: now => heard.push(now),
    })
    await transport.publish(Uint8Array.of(1))
    expect(published).toHaveLength(1)
    deliver?.({ done: false, value: { from: 'ben', data: Uint8Array.of(7) } })
    await new Promise(resolve => setImmediate(resolve))
    peers = []
    for (const callback of changed) callback()
    expect(heard).toEqual([['ben'], ['ben', 7], []])
    stop()
    expect(changed.size).toBe(0)
    deliver?.({ done: false, value: { from: 'ben', data: Uint8Array.of(8) } })
    await new Promise(resolve => setImmediate(resolve))
    expect(heard).toHaveLength(3)
  })

  it('tells that a way to the others stands, and that the keeper can be reached by it', () => {
    const reached = new Set<() => void>()
    const topic = {
      peers: [],
      publish: () => Promise.resolve(),
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
    }
    const transport = topicTransport('ann', topic, () => () => {}, {
      onReach(callback) {
        reached.add(callback)
        return () => reached.delete(callback)
      },
    })
    expect(transport.keeper).toBeUndefined()
    const told: unknown[] = []
    const stop = transport.listen({
      onMessage: () => {},
      onPeers: () => {},
      onConnected: isConnected => told.push(isConnected),
      onKeeper: () => told.push('keeper'),
    })
    expect(told).toEqual([])
    for (const callback of reached) callback()
    expect(told).toEqual([true, 'keeper'])
    stop()
    expect(reached.size).toBe(0)
  })
})
