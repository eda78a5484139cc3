import type { MessageStream, Stream, StreamMuxer } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { collect, sendAll } from '../../test-support/raw-peer.ts'
import { until } from '../../test-support/start-relay.ts'
import { relayYamux } from './relay-yamux.ts'
import { frameFlag, frameType, headerBytes, readUint32, windowBytes, writeHeader } from './yamux-frame.ts'
import { YamuxSession } from './yamux-session.ts'

const factories = { ours: relayYamux({ silenceMs: 15_000 })(), stock: yamux()() }

/** Two sessions over one connection in memory. */
function sessions(near: keyof typeof factories, far: keyof typeof factories): { near: StreamMuxer; far: StreamMuxer } {
  const [outbound, inbound] = multiaddrConnectionPair()
  return { near: factories[near].createStreamMuxer(outbound), far: factories[far].createStreamMuxer(inbound) }
}

const arrival = (muxer: StreamMuxer): Promise<Stream> =>
  new Promise(resolve => muxer.addEventListener('stream', ({ detail }) => resolve(detail), { once: true }))

/** A stream and its other end, after a first byte. */
async function streamPair(muxers: ReturnType<typeof sessions>): Promise<[Stream, Stream]> {
  const arriving = arrival(muxers.far)
  const stream = await muxers.near.createStream()
  return [stream, await arriving]
}

/** Our session, and a hand that writes frames to it and reads its own. */
function byHand(direction: 'inbound' | 'outbound' = 'inbound'): {
  session: YamuxSession
  put: (type: number, flags: number, streamId: number, length: number, body?: Uint8Array) => void
  frames: Array<{ type: number; flags: number; streamId: number; length: number }>
  connection: MessageStream
} {
  const pair = multiaddrConnectionPair()
  const [hand, connection] = direction === 'inbound' ? pair : pair.toReversed()
  if (hand === undefined || connection === undefined) throw new Error('no pair')
  const frames: Array<{ type: number; flags: number; streamId: number; length: number }> = []
  hand.addEventListener('message', ({ data }) => {
    const bytes = data.subarray()
    for (let at = 0; at < bytes.byteLength;) {
      const length = readUint32(bytes, at + 8)
      const type = bytes[at + 1] ?? 0
      frames.push({ type, flags: bytes[at + 3] ?? 0, streamId: readUint32(bytes, at + 4), length })
      at += headerBytes + (type === frameType.data ? length : 0)
    }
  })
  return {
    session: new YamuxSession(connection),
    frames,
    connection,
    put(type, flags, streamId, length, body = new Uint8Array()) {
      const frame = new Uint8Array(headerBytes + body.byteLength)
      writeHeader(frame, type, flags, streamId, length)
      frame.set(body, headerBytes)
      hand.send(frame)
    },
  }
}

describe.each([
  ['ours', 'stock'],
  ['stock', 'ours'],
  ['ours', 'ours'],
] as const)('[A9] [A11] from %s to %s', (from, to) => {
  test('bytes arrive in order, whatever their pieces, and so do the ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 12 }), async sizes => {
        const [near, far] = await streamPair(sessions(from, to))
        const [atFar, atNear] = [collect(far), collect(near)]
        const chunks = sizes.map((size, index) => new Uint8Array(size).fill(index + 1))
        const both = [sendAll(near, chunks), sendAll(far, chunks)]
        await Promise.all(both)
        await Promise.all([near.close(), far.close()])
        await Promise.all([atFar.ended, atNear.ended])
        const expected = Buffer.concat(chunks)
        expect(Buffer.compare(atFar.bytes.subarray(), expected)).toBe(0)
        expect(Buffer.compare(atNear.bytes.subarray(), expected)).toBe(0)
      }),
      { numRuns: 15 },
    )
  })

  test('many streams at once keep their bytes apart', async () => {
    const muxers = sessions(from, to)
    muxers.far.addEventListener('stream', ({ detail }) => {
      detail.addEventListener('message', ({ data }) => void detail.send(data))
    })
    const streams = await Promise.all(Array.from({ length: 50 }, () => muxers.near.createStream()))
    const answers = streams.map(stream => collect(stream))
    for (const [index, stream] of streams.entries()) stream.send(new Uint8Array(1_000).fill(index))
    await until('all answers are there', () => answers.every(({ bytes }) => bytes.byteLength === 1_000))
    for (const [index, { bytes }] of answers.entries()) {
      expect(bytes.subarray().every(byte => byte === index)).toBe(true)
    }
  })

  test('an end that is closed still receives; closed both ways, both sessions have forgotten the stream', async () => {
    const muxers = sessions(from, to)
    const [near, far] = await streamPair(muxers)
    const [atNear, atFar] = [collect(near), collect(far)]
    await near.close()
    await atFar.ended
    far.send(Uint8Array.of(1, 2, 3))
    await until('the bytes are there', () => atNear.bytes.byteLength === 3)
    await far.close()
    await until('the far one has forgotten it', () => muxers.far.streams.length === 0)
    expect(muxers.near.streams).toEqual([])
  })

  test('a reset is a reset at the other end', async () => {
    const muxers = sessions(from, to)
    const [near, far] = await streamPair(muxers)
    far.abort(new Error('enough'))
    await until('it is reset', () => near.status === 'reset')
    expect(muxers.near.streams.length + muxers.far.streams.length).toBe(0)
  })

  test('[A12] a reader that has paused stops the writer at one window, and gets everything when it goes on', async () => {
    const [near, far] = await streamPair(sessions(from, to))
    const { bytes } = collect(far)
    far.pause()
    const total = 1_024 * 1_024
    const sending = sendAll(
      near,
      Array.from({ length: 64 }, () => new Uint8Array(total / 64)),
    )
    await until('the writer waits', () => near.writableNeedsDrain)
    expect(far.readBufferLength).toBeLessThanOrEqual(windowBytes)
    far.resume()
    await sending
    await until('everything is there', () => bytes.byteLength === total)
  })

  test('closing a session ends both', async () => {
    const muxers = sessions(from, to)
    const [near, far] = await streamPair(muxers)
    await Promise.all([near.close(), far.close()])
    await muxers.near.close()
    await until('the other has ended', () => muxers.far.status !== 'open')
    expect(muxers.far.status).toBe('closed')
  })
})

describe('on the wire', () => {
  test('a stream that only exists is told by a SYN, and one that speaks by its first data', async () => {
    const { session, frames } = byHand()
    await session.createStream()
    await until('the SYN is there', () => frames.length === 1)
    const speaking = await session.createStream()
    speaking.send(Uint8Array.of(1))
    await until('the data is there', () => frames.length === 2)
    expect(frames).toEqual([
      { type: frameType.windowUpdate, flags: frameFlag.syn, streamId: 2, length: 0 },
      { type: frameType.data, flags: frameFlag.syn, streamId: 4, length: 1 },
    ])
  })

  test('windows are told at their half', async () => {
    const { session, frames, put } = byHand()
    session.addEventListener('stream', ({ detail }) => detail.addEventListener('message', () => {}))
    put(frameType.windowUpdate, frameFlag.syn, 1, 0)
    const body = new Uint8Array(windowBytes / 4)
    put(frameType.data, 0, 1, body.byteLength, body)
    put(frameType.ping, frameFlag.syn, 0, 7)
    await until('the ping is answered', () => frames.some(frame => frame.type === frameType.ping && frame.length === 7))
    expect(frames.filter(frame => frame.type === frameType.windowUpdate)).toEqual([])
    put(frameType.data, 0, 1, body.byteLength, body)
    await until('there is new room', () => frames.some(frame => frame.type === frameType.windowUpdate))
    expect(frames.at(-1)).toMatchObject({ streamId: 1, length: windowBytes / 2 })
  })

  test('frames may be cut anywhere', async () => {
    const [hand, connection] = multiaddrConnectionPair()
    const session = new YamuxSession(connection)
    const collected = new Promise<ReturnType<typeof collect>>(resolve => {
      session.addEventListener('stream', ({ detail }) => resolve(collect(detail)))
    })
    const frame = new Uint8Array(headerBytes + 5)
    writeHeader(frame, frameType.data, frameFlag.syn | frameFlag.fin, 1, 5)
    frame.set([1, 2, 3, 4, 5], headerBytes)
    for (const byte of frame) hand.send(Uint8Array.of(byte))
    const { bytes, ended } = await collected
    await ended
    expect([...bytes.subarray()]).toEqual([1, 2, 3, 4, 5])
  })

  test('what comes for a stream that has ended is read over', async () => {
    const { session, frames, put } = byHand()
    put(frameType.data, 0, 9, 3, Uint8Array.of(1, 2, 3))
    put(frameType.ping, frameFlag.syn, 0, 1)
    await until('the ping is answered', () => frames.length === 1)
    expect(session.status).toBe('open')
  })

  test.each([
    ['another version', (frame: Uint8Array) => frame.fill(1, 0, 1)],
    ['an unknown type', (frame: Uint8Array) => frame.fill(9, 1, 2)],
    ['a frame without a stream', (frame: Uint8Array) => frame.fill(0, 7, 8)],
    ['a stream of the wrong role', (frame: Uint8Array) => frame.fill(2, 7, 8)],
    ['a body larger than any window', (frame: Uint8Array) => frame.fill(255, 8, 12)],
  ])('%s ends the session, and nothing waits for its body', async (_what, spoil) => {
    const [hand, connection] = multiaddrConnectionPair()
    const session = new YamuxSession(connection)
    const frame = new Uint8Array(headerBytes)
    writeHeader(frame, frameType.data, frameFlag.syn, 1, 4)
    spoil(frame)
    hand.send(frame)
    await until('the session has ended', () => session.status !== 'open')
    expect(connection.status).toBe('aborted')
  })

  test('more than the window ends the session', async () => {
    const { session, put } = byHand()
    session.addEventListener('stream', ({ detail }) => detail.pause())
    put(frameType.data, frameFlag.syn, 1, windowBytes, new Uint8Array(windowBytes))
    put(frameType.data, 0, 1, 1, Uint8Array.of(1))
    await until('the session has ended', () => session.status !== 'open')
    expect(session.status).toBe('closed')
  })

  test('streams beyond a thousand are reset, the others go on', async () => {
    const { session, frames, put } = byHand()
    session.addEventListener('stream', () => {})
    for (let index = 0; index < 1_001; index += 1) put(frameType.windowUpdate, frameFlag.syn, index * 2 + 1, 0)
    await until('one is refused', () => frames.length === 1)
    expect(frames[0]).toMatchObject({ flags: frameFlag.rst, streamId: 2_001 })
    expect(session.streams).toHaveLength(1_000)
  })

  test.each(['ours', 'stock'] as const)('a session of %s answers a ping, which counts as heard', async far => {
    const [outbound, inbound] = multiaddrConnectionPair()
    const session = new YamuxSession(inbound)
    factories[far].createStreamMuxer(outbound)
    await until('the other has spoken first, if it does', () => far === 'ours' || session.takeHeard())
    session.takeHeard()
    expect(session.takeHeard()).toBe(false)
    session.ping()
    await until('it is heard', () => session.takeHeard())
    expect(session.status).toBe('open')
  })

  test('streams that are opened before anybody listens wait; beyond their ceiling they are reset, and the session goes on', async () => {
    const { session, put, frames } = byHand()
    for (let index = 0; index < 100; index += 1) put(frameType.windowUpdate, frameFlag.syn, 1 + 2 * index, 0)
    await until('the last ones are reset', () =>
      frames.some(({ flags, streamId }) => flags === frameFlag.rst && streamId === 199),
    )
    expect(frames.filter(({ flags }) => flags === frameFlag.rst)).toHaveLength(36)
    const streams: Stream[] = []
    session.addEventListener('stream', ({ detail }) => streams.push(detail))
    await until('the others have arrived', () => streams.length === 64)
    put(frameType.windowUpdate, frameFlag.syn, 201, 0)
    await until('one more has arrived', () => streams.length === 65)
    expect(session.status).toBe('open')
  })

  test('[B7] a far end that asks without reading is let go', async () => {
    const { session, connection, put } = byHand()
    connection.send = () => false
    for (let index = 0; index < 300; index += 1) put(frameType.ping, frameFlag.syn, 0, index)
    await until('the session has ended', () => session.status !== 'open')
    expect(session.status).toBe('closed')
  })
})
