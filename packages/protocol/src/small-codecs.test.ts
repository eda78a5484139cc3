import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fromBase64url, toBase64url } from './base64url.ts'
import { CLOSE_CODES, CODES } from './codes.ts'
import { parseAppId, parseMatchId, parseRecordHash } from './ids.ts'
import { LIMITS, defaultLimits, resolveLimits } from './limits.ts'
import { decodeAnnouncement, encodeAnnouncement, isAnnouncement } from './meet.ts'
import { tidyPlayerName } from './player-name.ts'
import { appOfWireTopic, parseTopicName, wireTopic } from './topic-name.ts'
import { parseWellKnown } from './well-known.ts'

const wellKnown = {
  version: 1,
  protocol: 'tsugi/1',
  peerId: '12D3KooW',
  multiaddrs: ['/ip4/127.0.0.1/tcp/8080/ws'],
  stun: ['stun:127.0.0.1:3478'],
  apps: 'any',
  limits: { relayPeers: 10 },
  load: { peers: 1, reservations: 1, circuits: 0, room: true },
  draining: false,
}

describe('base64url', () => {
  it('has one spelling for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        expect(fromBase64url(toBase64url(bytes))).toEqual(bytes)
      }),
    )
    expect(fromBase64url('AB')).toBeNull()
    expect(fromBase64url('A=')).toBeNull()
    expect(fromBase64url('A')).toBeNull()
  })
})

describe('ids', () => {
  it('[T2] an application id has 1 to 63 of its characters', () => {
    expect(parseAppId('my-game.v2').ok).toBe(true)
    for (const text of ['', '-a', 'A', 'a'.repeat(64), 'a/b'])
      expect(parseAppId(text)).toMatchObject({ code: 'app/malformed' })
  })
  it('[R4] a match id is base64url of 20 bytes, a record’s hash is 64 hexadecimal digits', () => {
    expect(parseMatchId('A'.repeat(27)).ok).toBe(true)
    for (const text of ['A'.repeat(26), 'A'.repeat(28), `${'A'.repeat(26)}B`, '<'])
      expect(parseMatchId(text).ok).toBe(false)
    expect(parseRecordHash('a'.repeat(64)).ok).toBe(true)
    expect(parseRecordHash('A'.repeat(64)).ok).toBe(false)
  })
})

describe('topics', () => {
  it('[T1] a name is printable ASCII without spaces', () => {
    expect(parseTopicName('lobby').ok).toBe(true)
    for (const text of ['', 'a b', 'é', 'x'.repeat(129)]) expect(parseTopicName(text).ok).toBe(false)
  })
  it('[T2] [T3] the wire name says the app; what is not ours belongs to the default app', () => {
    const app = parseAppId('go')
    const name = parseTopicName('a/b')
    if (!app.ok || !name.ok) throw new Error('names')
    expect(wireTopic(app.value, name.value)).toBe('/tsugi/1/go/a/b')
    expect(appOfWireTopic('/tsugi/1/go/a/b')).toBe('go')
    expect(appOfWireTopic('/ipfs/anything')).toBe('default')
    expect(appOfWireTopic('/tsugi/1/NOT OK/x')).toBe('default')
  })
})

describe('announcements', () => {
  it('[T4] [T5] come back as written, at most eight addresses', () => {
    const addresses = Array.from({ length: 9 }, (_, index) => `/ip4/10.0.0.${index}/tcp/1`)
    const written = encodeAnnouncement({ kind: 'here', addresses })
    expect(isAnnouncement(written)).toBe(true)
    expect(decodeAnnouncement(written)).toEqual({ ok: true, value: { kind: 'here', addresses: addresses.slice(0, 8) } })
    const ask = Array.from({ length: 9 }, (_, index) => `peer ${index}`)
    expect(decodeAnnouncement(encodeAnnouncement({ kind: 'here', addresses: [], ask }))).toEqual({
      ok: true,
      value: { kind: 'here', addresses: [], ask: ask.slice(0, 8) },
    })
  })
  it('[T5] of any other bytes are refused without an exception', () => {
    const { length } = encodeAnnouncement({ kind: 'bye', addresses: [] })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        const bent = encodeAnnouncement({ kind: 'bye', addresses: [] })
        bent.set(bytes.subarray(0, length - 16), 16)
        decodeAnnouncement(bent)
        expect(decodeAnnouncement(bytes).ok).toBe(false)
      }),
    )
  })
})

describe('the well-known document', () => {
  it('[W2] is read, unknown fields and all', () => {
    expect(parseWellKnown(JSON.stringify({ ...wellKnown, future: 1 }))).toEqual({ ok: true, value: wellKnown })
  })
  it('[W2] [W3] is refused when it is something else or too large', () => {
    for (const text of ['', '[]', 'null', JSON.stringify({ ...wellKnown, version: 2 })]) {
      expect(parseWellKnown(text)).toMatchObject({ code: 'well-known/malformed' })
    }
    const hints = Array.from({ length: 17 }, (_, index) => `https://${index}.example`)
    for (const change of [{ relays: hints }, { region: 'a\nb' }, { region: 'x'.repeat(33) }]) {
      expect(parseWellKnown(JSON.stringify({ ...wellKnown, ...change }))).toMatchObject({
        code: 'well-known/malformed',
      })
    }
    expect(parseWellKnown(' '.repeat(40_000))).toMatchObject({ code: 'well-known/too-large' })
  })
})

describe('limits and codes', () => {
  it('every limit has a reason and a whole number, and overrides are checked', () => {
    for (const row of Object.values(LIMITS)) {
      expect(row.reason.length).toBeGreaterThan(10)
      expect(Number.isSafeInteger(row.default)).toBe(true)
    }
    expect(resolveLimits({ gameMoves: 7 })).toEqual({ ...defaultLimits, gameMoves: 7 })
    expect(resolveLimits({ circuitBytes: Number.POSITIVE_INFINITY }).circuitBytes).toBe(Number.POSITIVE_INFINITY)
    expect(() => resolveLimits({ gameMoves: -1 })).toThrow(/gameMoves/)
    expect(() => resolveLimits({ gameMoves: 1.5 })).toThrow(/gameMoves/)
    expect(() => resolveLimits({ nonsense: 1 } as object)).toThrow(/nonsense/)
  })
  it('every code is of the form area/what, with a meaning', () => {
    for (const [code, meaning] of [...Object.entries(CODES), ...Object.entries(CLOSE_CODES)]) {
      expect(code).toMatch(/^[a-z-]+\/[a-z-]+$/)
      expect(meaning.length).toBeGreaterThan(5)
    }
  })
})

describe('names', () => {
  it('[R8] are tidied: trimmed, without controlling characters, cut to 32', () => {
    expect(tidyPlayerName('  Ann\u202e\n ')).toBe('Ann')
    expect(Array.from(tidyPlayerName('🙂'.repeat(40)))).toHaveLength(32)
  })
})
