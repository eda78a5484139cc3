import type { Listener } from '@libp2p/interface'
import { expect, test } from 'vitest'

import { gateListener } from './webrtc-gate.ts'

/** A listener whose handshakes end when the test says so. */
function setUp(isRefused: (address: string) => boolean = () => false) {
  const made: PromiseWithResolvers<void>[] = []
  const refused: string[] = []
  const listener = {
    incomingConnection: (_ufrag: string, _host: string, _port: number, _signal: AbortSignal): Promise<void> => {
      const handshake = Promise.withResolvers<void>()
      made.push(handshake)
      return handshake.promise
    },
  }
  gateListener(listener as unknown as Listener, { isRefused, onRefused: reason => refused.push(reason) })
  const controller = new AbortController()
  let port = 0
  const arrive = (host: string, from?: number): Promise<unknown> => {
    port += 1
    return listener.incomingConnection('user', host, from ?? port, controller.signal).catch(() => {})
  }
  return { made, refused, arrive, controller }
}

test('[C6] handshakes of one address, and of all together, are bounded; who has ended makes room', async () => {
  const { made, refused, arrive } = setUp()
  const first = arrive('192.0.2.1')
  for (let index = 0; index < 20; index += 1) void arrive('192.0.2.1')
  expect(made.length).toBe(16)
  expect(refused).toEqual(Array.from({ length: 5 }, () => 'webrtc/pending'))
  for (let index = 0; index < 500; index += 1) void arrive(`198.51.100.${index % 200}`)
  expect(made.length).toBe(128)
  made[0]?.resolve()
  await first
  void arrive('192.0.2.1')
  expect(made.length).toBe(129)
})

test('[C6] a /64 of IPv6 is one address', () => {
  const { made, arrive } = setUp()
  for (let index = 1; index <= 50; index += 1) void arrive(`2001:db8::${index}`)
  expect(made.length).toBe(16)
})

test('[C6] one that is repeated counts once', () => {
  const { made, refused, arrive } = setUp()
  for (let index = 0; index < 50; index += 1) void arrive('192.0.2.1', 7)
  expect(made.length).toBe(1)
  expect(refused).toEqual([])
})

test('[C6] what takes too long and what fails is counted; what admission refused has been', async () => {
  const { made, refused, arrive, controller } = setUp()
  const handshakes = [arrive('192.0.2.1'), arrive('192.0.2.1'), arrive('192.0.2.1')]
  made[0]?.reject(new Error('no Noise'))
  made[1]?.reject(Object.assign(new Error('refused'), { name: 'ConnectionInterceptedError' }))
  await Promise.all(handshakes.slice(0, 2))
  controller.abort()
  made[2]?.reject(new Error('aborted'))
  await handshakes[2]
  expect(refused).toEqual(['webrtc/handshake', 'webrtc/handshake-timeout'])
})

test('[B7] for a banned address nothing is made', () => {
  const { made, arrive } = setUp(address => address === '192.0.2.1')
  void arrive('192.0.2.1')
  void arrive('192.0.2.2')
  expect(made.length).toBe(1)
})
