import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'

import { afterEach, expect, test } from 'vitest'

import { Refusals } from '../refusals.ts'
import { type StunServer, startStunServer } from './stun-server.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function serve(host = '127.0.0.1'): Promise<{ server: StunServer; refusals: Refusals }> {
  const refusals = new Refusals()
  const server = await startStunServer({ host, port: 0, refusals, now: () => 0 })
  cleanups.push(() => server.close())
  return { server, refusals }
}
async function client(type: 'udp4' | 'udp6' = 'udp4'): Promise<Socket> {
  const socket = createSocket(type)
  cleanups.push(() => socket.close())
  await new Promise<void>(resolve => socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1', resolve))
  return socket
}
const bare = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex')
async function ask(socket: Socket, port: number, host: string, datagram = bare): Promise<Buffer> {
  socket.send(datagram, port, host)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  return answer
}

test('tells a client over IPv4 its own address and port', async () => {
  const { server } = await serve()
  const socket = await client()
  const answer = await ask(socket, server.port, '127.0.0.1')
  expect(answer.readUInt16BE(0)).toBe(0x0101)
  expect(answer.subarray(8, 20)).toEqual(bare.subarray(8, 20))
  expect(answer.readUInt16BE(26) ^ 0x2112).toBe(socket.address().port)
  expect((answer.readUInt32BE(28) ^ 0x2112a442) >>> 0).toBe(0x7f000001)
})

test('a wildcard IPv6 host answers both families on one port', async () => {
  const { server } = await serve('::')
  const overIpv6 = await client('udp6')
  expect((await ask(overIpv6, server.port, '::1')).readUInt8(25)).toBe(2)
  const overIpv4 = await client()
  expect((await ask(overIpv4, server.port, '127.0.0.1')).readUInt8(25)).toBe(1)
})

test('attributes that must be understood and are not get 420', async () => {
  const { server } = await serve()
  const datagram = Buffer.from('000100082112a442b7e7a701bc34d686fa87dfae0003000400000006', 'hex')
  expect((await ask(await client(), server.port, '127.0.0.1', datagram)).readUInt16BE(0)).toBe(0x0111)
})

test('nonsense is dropped and counted, and the next request is answered', async () => {
  const { server, refusals } = await serve()
  const socket = await client()
  socket.send(Buffer.from('hello'), server.port, '127.0.0.1')
  await ask(socket, server.port, '127.0.0.1')
  expect(server.stats).toMatchObject({ requests: 2, malformed: 1 })
  expect(refusals.counts()).toEqual({ 'stun/malformed': 1 })
})

test('an address over its rate is not answered', async () => {
  const { server, refusals } = await serve()
  const socket = await client()
  for (let round = 0; round < 200; round += 1) await ask(socket, server.port, '127.0.0.1')
  const limited = new Promise<void>(resolve => {
    const poll = (): void => void (server.stats.limited > 0 ? resolve() : setImmediate(poll))
    poll()
  })
  socket.send(bare, server.port, '127.0.0.1')
  await limited
  expect(refusals.counts()).toEqual({ 'stun/rate': 1 })
})

test('a port that is taken is said to be', async () => {
  const { server } = await serve()
  const again = startStunServer({ host: '127.0.0.1', port: server.port, refusals: new Refusals() })
  await expect(again).rejects.toMatchObject({ code: 'relay/port-taken' })
})
