import { describe, expect, it } from 'vitest'

import { describeRelay } from './describe-relay.ts'

const described = {
  version: 1,
  protocol: 'tsugi/1',
  peerId: '12D3KooWFDByrvZjnSNpbHcwXXtuUjwwweuZSYLmd9X8qGbbnj98',
  multiaddrs: ['/ip4/127.0.0.1/tcp/1/ws', '/not/known'],
  stun: ['stun:127.0.0.1:3478'],
  apps: 'any',
  limits: {},
  load: { peers: 0, reservations: 0, circuits: 0, room: true },
  draining: false,
}

function ask(respond: () => Response | Promise<Response>) {
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = input => {
    asked.push(input instanceof URL ? input.href : 'not a URL')
    return Promise.resolve(respond())
  }
  const signal = new AbortController().signal
  const answer = describeRelay(new URL('https://relay.example/page'), {
    maxBytes: 1_000,
    timeoutMs: 1_000,
    signal,
    fetch,
  })
  return { asked, answer }
}

describe('describeRelay', () => {
  it('reads the document at its well-known place, without the addresses that are none', async () => {
    const { asked, answer } = ask(() => Response.json(described))
    expect(await answer).toEqual({ ok: true, value: { ...described, multiaddrs: ['/ip4/127.0.0.1/tcp/1/ws'] } })
    expect(asked).toEqual(['https://relay.example/.well-known/tsugi.json'])
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['relay/http-status', () => new Response('gone', { status: 404 })],
    ['well-known/malformed', () => new Response('<html>')],
    ['well-known/malformed', () => Response.json({ ...described, peerId: 'nobody' })],
    ['well-known/too-large', () => new Response('x'.repeat(1_001))],
    ['well-known/too-large', () => new Response('x', { headers: { 'content-length': '1001' } })],
    ['relay/unreachable', () => Promise.reject(new TypeError('refused'))],
  ])('answers %s', async (code, respond) => {
    expect(await ask(respond).answer).toMatchObject({ ok: false, code })
  })

  it('reads no further than allowed, however long the body is', async () => {
    let pulled = 0
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(400))
      },
    })
    expect(await ask(() => new Response(endless)).answer).toMatchObject({ ok: false, code: 'well-known/too-large' })
    expect(pulled).toBeLessThan(6)
  })
})
