import type { Connection } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'

import { isAbandoned, untilSignaled } from './handshake.ts'

const protocol = '/webrtc-signaling/0.0.1'

/** A connection with one stream, whose state the test sets. */
function open(stream: Partial<Record<'protocol' | 'direction' | 'status' | 'remoteWriteStatus', string>>) {
  const target = Object.assign(new EventTarget(), {
    protocol,
    status: 'open',
    remoteWriteStatus: 'writable',
    ...stream,
  })
  return { connection: { streams: [target] } as unknown as Connection, stream: target }
}

describe('a WebRTC handshake', () => {
  it('that we began is abandoned when its signaling stream ends and nothing has come of it', async () => {
    const { connection, stream } = open({ direction: 'outbound' })
    let polls = 0
    const sleep = (): Promise<boolean> => {
      polls += 1
      if (polls === 20) stream.status = 'reset'
      return Promise.resolve(true)
    }
    await expect(isAbandoned(() => [connection], sleep)).resolves.toBe(true)
    expect(polls).toBe(22)
  })

  it('that never began, or ended before it could be seen, is abandoned too', async () => {
    let polls = 0
    await expect(
      isAbandoned(
        () => [],
        () => Promise.resolve((polls += 1) < 1_000),
      ),
    ).resolves.toBe(true)
    expect(polls).toBe(10)
  })

  it('is no longer followed when the dial is over', async () => {
    const { connection } = open({ direction: 'outbound', protocol: '' })
    let polls = 0
    await expect(
      isAbandoned(
        () => [connection],
        () => Promise.resolve((polls += 1) < 100),
      ),
    ).resolves.toBe(false)
  })

  it('that others began is over when the dialler closes its stream, or when nobody waits any more', async () => {
    const { connection, stream } = open({ direction: 'inbound' })
    let isOver = false
    const waiting = untilSignaled([connection], new AbortController().signal).then(() => (isOver = true))
    await Promise.resolve()
    expect(isOver).toBe(false)
    stream.dispatchEvent(new Event('remoteCloseWrite'))
    await waiting
    await untilSignaled([open({ direction: 'inbound' }).connection], AbortSignal.abort())
    await untilSignaled([open({ direction: 'outbound' }).connection], new AbortController().signal)
    await untilSignaled(
      [open({ direction: 'inbound', remoteWriteStatus: 'closed' }).connection],
      new AbortController().signal,
    )
    expect(isOver).toBe(true)
  })
})
