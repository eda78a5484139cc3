import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { installDigest } from './insecure-origin.ts'

describe('an origin that is not secure', () => {
  it('gets SHA-256, equal to the real one', async () => {
    const target: { crypto: { subtle?: SubtleCrypto } } = { crypto: {} }
    expect(installDigest(target)).toBe(true)
    const data = new TextEncoder().encode('tsugi')
    const expected = createHash('sha256').update(data).digest('hex')
    for (const input of [data, data.buffer, new DataView(data.buffer)]) {
      const digest = await target.crypto.subtle?.digest('SHA-256', input)
      expect(Buffer.from(digest ?? new ArrayBuffer()).toString('hex')).toBe(expected)
    }
  })

  it('gets nothing else', async () => {
    const target: { crypto: { subtle?: SubtleCrypto } } = { crypto: {} }
    installDigest(target)
    await expect(target.crypto.subtle?.digest('SHA-1', new Uint8Array())).rejects.toThrow('SHA-256')
    expect(Object.keys(target.crypto.subtle ?? {})).toEqual(['digest'])
  })

  it('is left alone where it is secure', () => {
    const { subtle } = globalThis.crypto
    expect(installDigest()).toBe(false)
    expect(globalThis.crypto.subtle).toBe(subtle)
  })
})
