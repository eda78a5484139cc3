import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import { describe, expect, test, vi } from 'vitest'

import { leanMessageStream } from './lean-message-stream.ts'
import { silentLogger } from './silent-logger.ts'

class Plain extends AbstractMessageStream {
  constructor() {
    super({ log: silentLogger.forComponent('test') })
  }
  async close(): Promise<void> {}
  override sendPause(): void {}
  override sendResume(): void {}
  override sendReset(): void {}
  readonly sent: number[] = []
  isFull = false
  override sendData(data: Parameters<AbstractMessageStream['sendData']>[0]): SendResult {
    this.sent.push(...data.subarray())
    return { sentBytes: data.byteLength, canSendMore: !this.isFull }
  }
}

class Lean extends leanMessageStream(Plain) {}

describe.each([
  ['a stream of js-libp2p', () => new Plain()],
  ['a lean one', () => new Lean()],
])('%s', (_name, create) => {
  const emit = (stream: Plain): void => void stream.dispatchEvent(new Event('drain'))

  test('calls a listener once however often it was added, and not after it was removed', () => {
    const stream = create()
    const listener = vi.fn<() => void>()
    stream.addEventListener('drain', listener)
    stream.addEventListener('drain', listener)
    const before = stream.listenerCount('drain')
    emit(stream)
    stream.removeEventListener('drain', listener)
    emit(stream)
    expect(listener).toHaveBeenCalledTimes(1)
    expect(before - stream.listenerCount('drain')).toBe(1)
  })

  test('calls a listener for once only once, and objects by their method', () => {
    const stream = create()
    const [once, object] = [vi.fn<() => void>(), { handleEvent: vi.fn<() => void>() }]
    stream.addEventListener('drain', once, { once: true })
    stream.addEventListener('drain', object)
    emit(stream)
    emit(stream)
    expect(once).toHaveBeenCalledTimes(1)
    expect(object.handleEvent).toHaveBeenCalledTimes(2)
  })

  test('lets go of a listener with its signal', () => {
    const stream = create()
    const listener = vi.fn<() => void>()
    const controller = new AbortController()
    stream.addEventListener('drain', listener, { signal: controller.signal })
    controller.abort()
    stream.addEventListener('drain', listener, { signal: controller.signal })
    emit(stream)
    expect(listener).not.toHaveBeenCalled()
  })

  test('who is removed by an earlier listener is not called, who is added is called next time', () => {
    const stream = create()
    const [later, added] = [vi.fn<() => void>(), vi.fn<() => void>()]
    stream.addEventListener('drain', () => {
      stream.removeEventListener('drain', later)
      stream.addEventListener('drain', added)
    })
    stream.addEventListener('drain', later)
    emit(stream)
    expect([later, added].map(each => each.mock.calls.length)).toEqual([0, 0])
    emit(stream)
    expect(added).toHaveBeenCalledTimes(1)
  })

  test('keeps what arrives before anybody listens, and what arrives while it is paused', async () => {
    const stream = create()
    const arrived: number[] = []
    stream.onData(Uint8Array.of(1))
    stream.addEventListener('message', ({ data }) => arrived.push(...data.subarray()))
    await Promise.resolve()
    expect(arrived).toEqual([1])
    stream.pause()
    stream.onData(Uint8Array.of(2))
    expect(arrived).toEqual([1])
    stream.resume()
    stream.onData(Uint8Array.of(3))
    expect(arrived).toEqual([1, 2, 3])
  })

  test('sends what waited once there is room, and whoever waits for room learns of it, or of the end', async () => {
    const stream = create()
    stream.isFull = true
    expect(stream.send(Uint8Array.of(1))).toBe(false)
    const waiting = stream.onDrain()
    stream.isFull = false
    stream.send(Uint8Array.of(2))
    emit(stream)
    await waiting
    expect(stream.sent).toEqual([1, 2])
    const other = create()
    other.isFull = true
    other.send(Uint8Array.of(1))
    const inVain = other.onDrain()
    other.abort(new Error('cut'))
    await expect(inVain).rejects.toThrow('cut')
  })

  test('a failure to send what waited ends the stream, and nothing else', async () => {
    const stream = create()
    stream.isFull = true
    stream.send(Uint8Array.of(1))
    stream.send(Uint8Array.of(2))
    stream.sendData = () => {
      throw new Error('broken')
    }
    const uncaught = vi.fn<() => void>()
    process.once('uncaughtException', uncaught)
    emit(stream)
    await new Promise(resolve => setTimeout(resolve))
    process.off('uncaughtException', uncaught)
    expect([stream.status, uncaught.mock.calls.length]).toEqual(['aborted', 0])
  })
})

test('lean streams share the listeners that each of js-libp2p’s has of its own', () => {
  const [one, other] = [new Lean(), new Lean()] as unknown as Array<{
    readonly entries: unknown
    readonly processSendQueue: unknown
  }>
  expect(one?.entries).toBe(other?.entries)
  expect(one?.entries).toHaveLength(6)
  expect(one?.processSendQueue).toBe(other?.processSendQueue)
})
