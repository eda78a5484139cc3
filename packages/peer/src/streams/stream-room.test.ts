import { type StreamFrame, type StreamHello, encodeStreamFrame, streamsProtocol } from '@tsugi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type FakeLine,
  FakeLines,
  alice,
  bob,
  linePair,
  readAll,
  someBytes,
  writeAll,
} from '../../test-support/fake-lines.ts'
import { until } from '../../test-support/mesh.ts'
import type { PeerStream } from './index.ts'

/** A stream from Alice, and Bob's end of it. */
async function openPair(lines: FakeLines, protocol = 'test'): Promise<[PeerStream, PeerStream]> {
  const accepted = Promise.withResolvers<PeerStream>()
  const stop = lines.bob.handle(protocol, accepted.resolve)
  const opened = await lines.alice.open(bob, protocol)
  stop()
  return [opened, await accepted.promise]
}

/** A direct line comes after so many turns of the event loop, goes after so many more, and so on. */
async function upAndDown(lines: FakeLines, moves: readonly number[]): Promise<void> {
  let cut: (() => void) | undefined
  for (const turns of moves) {
    for (let turn = 0; turn < turns; turn += 1) await new Promise(resolve => setImmediate(resolve))
    const standing = cut
    cut = standing === undefined ? lines.connect({ direct: true }) : undefined
    standing?.()
  }
}

const nothingLeft = { open: 0, waiting: 0, settling: 0, greetings: 0, unacknowledgedBytes: 0, unreadBytes: 0 }

describe('a lasting stream', () => {
  it('brings bytes both ways, ends each way by itself, and leaves nothing behind', async () => {
    const lines = new FakeLines()
    lines.connect()
    const [a, b] = await openPair(lines)
    expect(a).toMatchObject({ id: b.id, remotePeer: bob, protocol: 'test', state: 'carried', route: 'direct' })
    const [there, back] = [someBytes(100_000), someBytes(50_000, 2)]
    const written = writeAll(a.writable, [there])
    expect(await readAll(b.readable)).toEqual(Buffer.from(there))
    await written
    const answered = writeAll(b.writable, [back])
    expect(await readAll(a.readable)).toEqual(Buffer.from(back))
    await answered
    expect(await Promise.all([a.closed, b.closed])).toEqual([{ ok: true }, { ok: true }])
    await until('nothing left', () => lines.alice.stats().settling + lines.bob.stats().settling === 0)
    expect(lines.alice.stats()).toMatchObject({ ...nothingLeft, opened: 1, whole: 1, carried: 1, failed: {} })
    expect(lines.bob.stats()).toMatchObject({ ...nothingLeft, accepted: 1, whole: 1, carried: 1, refused: {} })
    await until('no task left', () => [...lines.tasks.alice.list(), ...lines.tasks.bob.list()].length === 0)
  })

  it('loses and doubles nothing, and keeps the order, wherever its carriers are cut, and whenever it moves [E7]', async () => {
    const cut = fc.record({ there: fc.nat(30_000), back: fc.nat(30_000) })
    const scenario = fc.record({
      there: fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 6 }),
      back: fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 6 }),
      cuts: fc.array(cut, { minLength: 1, maxLength: 12 }),
      window: fc.constantFrom(1_000, 16_384, 262_144),
      moves: fc.array(fc.nat(30), { maxLength: 8 }),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async ({ there, back, cuts, window, moves }) => {
        const lines = new FakeLines({ streamWindowBytes: window, streamFrameBytes: 4_096 })
        const left = [...cuts]
        lines.onCarrier = (opener, acceptor) => {
          const next = left.shift()
          if (next !== undefined) [opener.passes, acceptor.passes] = [next.there, next.back]
        }
        lines.connect({ direct: false })
        const [a, b] = await openPair(lines)
        const pieces = (sizes: number[], seed: number) => sizes.map((size, index) => someBytes(size, seed + index))
        const [thereParts, backParts] = [pieces(there, 1), pieces(back, 100)]
        const [gotThere, gotBack] = await Promise.all([
          readAll(b.readable),
          readAll(a.readable),
          writeAll(a.writable, thereParts),
          writeAll(b.writable, backParts),
          upAndDown(lines, moves),
        ])
        expect(Buffer.compare(gotThere, Buffer.concat(thereParts))).toBe(0)
        expect(Buffer.compare(gotBack, Buffer.concat(backParts))).toBe(0)
        expect(await Promise.all([a.closed, b.closed])).toEqual([{ ok: true }, { ok: true }])
        await until('both have forgotten it', () => lines.alice.stats().settling + lines.bob.stats().settling === 0)
        expect([lines.alice.stats().failed, lines.bob.stats().failed]).toEqual([{}, {}])
        await Promise.all([lines.alice.close(), lines.bob.close()])
      }),
      {
        numRuns: 200,
        // The last acknowledgement is lost, and the acceptor has forgotten the stream meanwhile.
        examples: [
          [{ there: [9_815, 14, 6_556], back: [], cuts: [{ there: 96, back: 35 }], window: 16_384, moves: [1, 6] }],
        ],
      },
    )
  })

  it('moves to a direct line as soon as there is one, and back to the circuit when that dies', async () => {
    const lines = new FakeLines()
    lines.connect({ direct: false })
    const [a, b] = await openPair(lines)
    const routes: string[] = []
    for (const stream of [a, b]) stream.addEventListener('carried', ({ detail }) => routes.push(detail.route))
    expect([a.route, b.route]).toEqual(['relayed', 'relayed'])
    const cut = lines.connect({ direct: true })
    await until('both direct', () => a.route === 'direct' && b.route === 'direct')
    cut()
    await until('both relayed', () => a.route === 'relayed' && b.route === 'relayed')
    expect(routes.filter(route => route === 'direct')).toHaveLength(2)
    const written = writeAll(a.writable, [someBytes(1_000)])
    expect(await readAll(b.readable)).toHaveLength(1_000)
    await written
  })

  it('[Y4] takes nothing more from a carrier once another is tried, so what comes late over the old one is not doubled', async () => {
    const lines = new FakeLines()
    const ends: (FakeLine | undefined)[] = []
    lines.onCarrier = (opener, acceptor) => void ends.push(opener, acceptor)
    lines.connect({ direct: false })
    const [a, b] = await openPair(lines)
    const old = ends[1]!
    old.isFrozen = true
    const bytes = someBytes(100)
    const written = writeAll(b.writable, [bytes])
    await until('on its way', () => old.queuedBytes > 100)
    lines.onCarrier = opener => {
      opener.isFrozen = true
      ends.push(opener)
    }
    lines.connect({ direct: true })
    await until('another carrier is tried', () => (ends[2]?.queuedBytes ?? 0) > 0)
    old.thaw()
    await until('it came late', () => ends[0]!.deliveredBytes > 100)
    ends[2]!.thaw()
    expect(await readAll(a.readable)).toEqual(Buffer.from(bytes))
    await written
    expect(a.route).toBe('direct')
  })

  it('tells that it waits, goes on when there is a line again, and fails at both ends when there is none for too long', async () => {
    const lines = new FakeLines({ streamAwayMs: 300 })
    const cut = lines.connect()
    const [a, b] = await openPair(lines)
    let waited = 0
    for (const stream of [a, b]) stream.addEventListener('waiting', () => (waited += 1))
    cut()
    expect([a.state, a.route, b.state, waited]).toEqual(['waiting', null, 'waiting', 2])
    const again = lines.connect()
    await until('carried', () => a.state === 'carried' && b.state === 'carried')
    again()
    const end = { ok: false, code: 'stream/no-way', isRemote: false }
    expect(await Promise.all([a.closed, b.closed])).toEqual([end, end])
    await expect(a.readable.getReader().read()).rejects.toMatchObject({ code: 'stream/broken' })
    await expect(b.writable.getWriter().write(someBytes(1))).rejects.toMatchObject({ code: 'stream/broken' })
    expect(lines.alice.stats()).toMatchObject({ ...nothingLeft, failed: { 'stream/no-way': 1 } })
    expect(lines.tasks.alice.list()).toEqual([])
  })

  it('is lost at once when the other end was started anew', async () => {
    const lines = new FakeLines()
    const cut = lines.connect()
    const [a] = await openPair(lines)
    cut()
    const old = lines.bob
    lines.bob = lines.room(bob, alice)
    await old.close()
    lines.bob.handle('test', () => {})
    lines.connect()
    expect(await a.closed).toEqual({ ok: false, code: 'stream/lost', isRemote: true })
    expect(lines.bob.stats()).toMatchObject({ accepted: 0, refused: { 'stream/lost': 1 } })
  })

  it('holds no more than its window at either end when nobody reads, and goes on when somebody does [A12 C7]', async () => {
    const lines = new FakeLines({ streamWindowBytes: 100_000 })
    lines.connect()
    const [a, b] = await openPair(lines)
    const all = someBytes(1_000_000)
    const written = writeAll(a.writable, [all])
    await until('the window is full', () => lines.bob.stats().unreadBytes === 100_000)
    expect(lines.alice.stats().unacknowledgedBytes).toBe(100_000)
    // What was cut off meanwhile is not sent twice, and takes no more room.
    lines.connect()
    expect(await readAll(b.readable)).toEqual(Buffer.from(all))
    await written
  })

  it('holds what many small pieces have, not what they would take one by one', async () => {
    const lines = new FakeLines()
    lines.connect()
    const [a, b] = await openPair(lines)
    const bytes = someBytes(3_000)
    const written = writeAll(
      a.writable,
      Array.from(bytes, byte => Uint8Array.of(byte)),
    )
    await until('all came', () => lines.bob.stats().unreadBytes === 3_000)
    const { value } = await b.readable.getReader().read()
    expect(value).toEqual(bytes)
    expect(value?.buffer.byteLength).toBe(3_000)
    await written
  })

  it('goes on the other way when its reader cancels', async () => {
    const lines = new FakeLines({ streamWindowBytes: 1_000 })
    lines.connect()
    const [a, b] = await openPair(lines)
    await b.readable.cancel()
    await writeAll(a.writable, [someBytes(50_000)])
    const written = writeAll(b.writable, [someBytes(10)])
    expect(await readAll(a.readable)).toHaveLength(10)
    await written
    expect(await a.closed).toEqual({ ok: true })
  })

  it('tells the other end with which code it was ended, also when that hears it only on another carrier', async () => {
    const lines = new FakeLines()
    const cut = lines.connect()
    const [a, b] = await openPair(lines)
    a.abort('game/over')
    expect(await b.closed).toEqual({ ok: false, code: 'game/over', isRemote: true })
    expect(await a.closed).toEqual({ ok: false, code: 'game/over', isRemote: false })
    const [c, d] = await openPair(lines)
    cut()
    d.abort('game/full')
    lines.connect()
    expect(await c.closed).toEqual({ ok: false, code: 'game/full', isRemote: true })
    expect(() => c.abort('')).toThrow(expect.objectContaining({ code: 'stream/invalid-code' }))
    const [e, f] = await openPair(lines)
    await e.writable.abort('game/left')
    expect(await f.closed).toMatchObject({ code: 'game/left' })
  })

  it('is counted under a code of ours, whatever word the other end has chosen', async () => {
    const lines = new FakeLines()
    lines.connect()
    for (const code of ['toString', '__proto__', 'game/over']) {
      const [a, b] = await openPair(lines)
      a.abort(code)
      expect(await b.closed).toMatchObject({ code })
    }
    expect(lines.bob.stats().failed).toEqual({ 'stream/aborted': 3 })
  })

  it('ends at its handler’s failure, and when the room closes', async () => {
    const lines = new FakeLines()
    lines.connect()
    lines.bob.handle('bad', () => {
      throw new Error('no')
    })
    const failed = await lines.alice.open(bob, 'bad')
    expect(await failed.closed).toEqual({ ok: false, code: 'stream/failed', isRemote: true })
    // One that never returns keeps nobody from ending.
    lines.bob.handle('long', () => new Promise(() => {}))
    await lines.alice.open(bob, 'long')
    const [a, b] = await openPair(lines)
    await lines.bob.close()
    expect(await b.closed).toMatchObject({ code: 'stream/stopped', isRemote: false })
    expect(await a.closed).toMatchObject({ code: 'stream/stopped', isRemote: true })
    expect(lines.tasks.bob.list()).toEqual([])
    expect(() => lines.bob.handle('late', () => {})).toThrow(expect.objectContaining({ code: 'peer/stopped' }))
    await expect(lines.bob.open(alice, 'late')).rejects.toMatchObject({ code: 'peer/stopped' })
  })

  it('takes chunks of bytes only', async () => {
    const lines = new FakeLines()
    lines.connect()
    const [a] = await openPair(lines)
    await expect(a.writable.getWriter().write('text' as never)).rejects.toMatchObject({ code: 'stream/invalid-chunk' })
  })
})

describe('opening a stream', () => {
  it('is refused, and counted, where nobody takes its protocol, in another app, and beyond each ceiling', async () => {
    const lines = new FakeLines({ streamsPerPeer: 1, streamHandlers: 1 })
    lines.connect()
    await expect(lines.alice.open(bob, 'nobody')).rejects.toMatchObject({
      code: 'stream/refused',
      message: expect.stringContaining('stream/no-handler'),
    })
    lines.bob.handle('test', () => {})
    expect(() => lines.bob.handle('test', () => {})).toThrow(
      expect.objectContaining({ code: 'stream/handled-already' }),
    )
    expect(() => lines.bob.handle('more', () => {})).toThrow(expect.objectContaining({ code: 'stream/too-many' }))
    const other = lines.room(alice, bob, 'other')
    await expect(other.open(bob, 'test')).rejects.toThrow('stream/other-app')
    const third = lines.room(alice, bob)
    await third.open(bob, 'test')
    await expect(third.open(bob, 'test')).rejects.toMatchObject({ code: 'stream/too-many' })
    await expect(lines.alice.open(bob, 'test')).rejects.toThrow('stream/too-many')
    expect(lines.bob.stats().refused).toEqual({
      'stream/no-handler': 1,
      'stream/other-app': 1,
      'stream/too-many': 1,
    })
    for (const name of ['', 'a b', 'x'.repeat(129)]) {
      await expect(lines.alice.open(bob, name)).rejects.toMatchObject({ code: 'stream/invalid-protocol' })
    }
    await Promise.all([other.close(), third.close()])
  })

  it('ends when its caller no longer wants it', async () => {
    const lines = new FakeLines()
    const reason = new Error('never mind')
    const caller = new AbortController()
    const opening = lines.alice.open(bob, 'test', { signal: caller.signal })
    caller.abort(reason)
    await expect(opening).rejects.toBe(reason)
    expect(lines.alice.stats()).toMatchObject(nothingLeft)
    expect(lines.tasks.alice.list()).toEqual([])
  })
})

describe('what no honest end says', () => {
  const id = new Uint8Array(16).fill(7)
  const hello = (more: Partial<StreamHello> = {}): StreamFrame => ({
    type: 'hello',
    hello: {
      id,
      app: 'test',
      protocol: 'test',
      carrier: 0,
      resumes: false,
      received: 0,
      consumed: 0,
      window: 1_000,
      ...more,
    },
  })

  /** A carrier whose opener is the test. */
  function carrier(lines: FakeLines, from = alice) {
    const [mine, theirs] = linePair()
    lines.bob.greet(theirs, { remotePeer: from as never, direct: true })
    const heard: Uint8Array[] = []
    mine.addEventListener('message', event => heard.push((event as unknown as { data: Uint8Array }).data))
    return {
      say: (...frames: StreamFrame[]) => void mine.send(Buffer.concat(frames.map(frame => encodeStreamFrame(frame)))),
      sayBytes: (bytes: Uint8Array) => void mine.send(bytes),
      text: () => Buffer.concat(heard).toString('latin1'),
      untilText: (text: string) => until(text, () => Buffer.concat(heard).toString('latin1').includes(text)),
      isOpen: () => mine.status === 'open' && !mine.readableEnded,
    }
  }

  it('[Y5] acknowledges what was not sent, sends beyond the window or after the end: the stream ends, and it is counted', async () => {
    const lies: StreamFrame[][] = [
      [{ type: 'ack', consumed: 1 }],
      [{ type: 'data', bytes: someBytes(1_001) }],
      [{ type: 'fin' }, { type: 'data', bytes: someBytes(1) }],
      [{ type: 'fin' }, { type: 'fin' }],
      [hello()],
      [{ type: 'welcome', offsets: { received: 0, consumed: 0, window: 1 } }],
      [{ type: 'end', code: 'stream/ended' }],
    ]
    const lines = new FakeLines({ streamWindowBytes: 1_000 })
    lines.bob.handle('test', () => {})
    for (const [index, lie] of lies.entries()) {
      const { say, isOpen } = carrier(lines)
      say(hello({ id: new Uint8Array(16).fill(index) }), ...lie)
      await until('it has ended', () => !isOpen())
    }
    expect(lines.bob.stats()).toMatchObject({ ...nothingLeft, failed: { 'stream/malformed': 6, 'stream/lost': 1 } })
  })

  it('[Y3] [Y5] resumes where it cannot be: the carrier is refused and the stream stays as it was', async () => {
    const lines = new FakeLines()
    const taken = Promise.withResolvers<PeerStream>()
    lines.bob.handle('test', taken.resolve)
    const first = carrier(lines)
    first.say(hello())
    const stream = await taken.promise
    const writer = stream.writable.getWriter()
    await writer.write(someBytes(100))
    await until('sent', () => first.text().length > 100)
    first.say({ type: 'ack', consumed: 50 })
    await until('acknowledged', () => lines.bob.stats().unacknowledgedBytes === 50)
    for (const [lie, code] of [
      [{ carrier: 1, received: 101, consumed: 50 }, 'stream/malformed'],
      [{ carrier: 1, received: 60, consumed: 61 }, 'stream/malformed'],
      [{ carrier: 1, received: 60, consumed: 49 }, 'stream/malformed'],
      [{ carrier: 1, received: 60, consumed: 50, protocol: 'else' }, 'stream/malformed'],
      [{ carrier: 1, received: 60, consumed: 50, app: 'else' }, 'stream/malformed'],
      [{ carrier: 0, received: 60, consumed: 50 }, 'stream/stale'],
      [{ carrier: 0, resumes: true, id: new Uint8Array(16) }, 'stream/lost'],
    ] as const) {
      const { say, untilText } = carrier(lines)
      say(hello({ resumes: true, ...lie }))
      await untilText(code)
    }
    // A stranger who knows the id has no part in it.
    const stranger = carrier(lines, bob)
    stranger.say(hello({ carrier: 5, resumes: true, received: 60, consumed: 50 }))
    await stranger.untilText('stream/lost')
    expect(lines.bob.stats().refused).toEqual({ 'stream/malformed': 5, 'stream/stale': 1, 'stream/lost': 2 })
    expect([stream.state, first.isOpen()]).toEqual(['carried', true])
    // The honest one goes on from where it says it is, on a carrier that replaces the first.
    const next = carrier(lines)
    next.say(hello({ carrier: 1, resumes: true, received: 60, consumed: 50 }))
    await until('the rest', () => next.text().includes(Buffer.from(someBytes(100).subarray(60)).toString('latin1')))
    expect(next.text()).not.toContain(Buffer.from(someBytes(100).subarray(59)).toString('latin1'))
    await until('the first is let go', () => !first.isOpen())
  })

  it('[Y2] sends bytes that are no frame, or is silent: the carrier goes, and it is counted', async () => {
    const lines = new FakeLines({ streamGreetingMs: 50, streamsPerPeer: 2 })
    const garbage = carrier(lines)
    garbage.sayBytes(Uint8Array.of(3, 255, 255, 255))
    await garbage.untilText('stream/malformed')
    const [silent, another, beyond] = [carrier(lines), carrier(lines), carrier(lines)]
    expect([beyond.isOpen(), carrier(lines, bob).isOpen()]).toEqual([false, true])
    await until('let go', () => !silent.isOpen() && !another.isOpen() && lines.bob.stats().greetings === 0)
    expect(lines.bob.stats()).toMatchObject({
      ...nothingLeft,
      refused: { 'stream/malformed': 4, 'stream/too-many': 1 },
    })
  })

  it('[Y4] welcomes with what cannot be: the stream ends at both ends', async () => {
    const lines = new FakeLines()
    lines.bob.greet = line => {
      line.addEventListener('message', () =>
        line.send(encodeStreamFrame({ type: 'welcome', offsets: { received: 1, consumed: 0, window: 9 } })),
      )
    }
    lines.connect()
    await expect(lines.alice.open(bob, 'test')).rejects.toThrow('stream/malformed')
    expect(lines.alice.stats()).toMatchObject({ ...nothingLeft, failed: { 'stream/malformed': 1 } })
  })

  it('[Y1] the protocol has one name', () => {
    expect(streamsProtocol).toBe('/tsugi/streams/1.0.0')
  })
})
