import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { publicKeyOf } from './crypto.ts'
import { type MatchId, type RecordHash } from './ids.ts'
import {
  invitationKeyOf,
  isInvited,
  openRematch,
  parseFragment,
  playFragment,
  readKeysOf,
  readSecretOf,
  sealRematch,
  signInvitation,
  watchFragment,
} from './invite.ts'

const secret = Uint8Array.from({ length: 16 }, (_, index) => index)
const match = 'AAECAwQFBgcICQoLDA0ODxAREhM' as MatchId
const genesis = 'cd'.repeat(32) as RecordHash

describe('an invite', () => {
  it('[I2] derives what a watcher needs from what a player has, and always the same', () => {
    const readSecret = readSecretOf(secret)
    expect(readSecret).toHaveLength(16)
    expect(readSecret).not.toEqual(secret)
    const keys = readKeysOf(readSecret)
    expect(keys.topic).toMatch(/^[A-Za-z0-9_-]{27}$/)
    expect(keys.messageKey).toHaveLength(32)
    expect(readKeysOf(readSecretOf(Uint8Array.from(secret)))).toEqual(keys)
  })
  it('[I3] lets one key sit on one seat of one match', () => {
    const { publicKey } = invitationKeyOf(secret)
    const sitter = publicKeyOf(new Uint8Array(32).fill(9))
    const signature = signInvitation(secret, genesis, sitter, 1)
    expect(isInvited(publicKey, signature, genesis, sitter, 1)).toBe(true)
    expect(isInvited(publicKey, signature, genesis, sitter, 0)).toBe(false)
    expect(isInvited(publicKey, signature, 'ef'.repeat(32) as RecordHash, sitter, 1)).toBe(false)
    expect(isInvited(publicKey, signature, genesis, publicKeyOf(secret2()), 1)).toBe(false)
    // Who only watches cannot make the key.
    expect(invitationKeyOf(readSecretOf(secret)).publicKey).not.toEqual(publicKey)
  })
  it('[I4] links say who may play and who may watch', () => {
    expect(parseFragment(`#${playFragment(match, secret)}`)).toEqual({
      ok: true,
      value: { role: 'play', match, secret, readSecret: readSecretOf(secret) },
    })
    expect(parseFragment(watchFragment(match, secret))).toEqual({
      ok: true,
      value: { role: 'watch', match, readSecret: secret },
    })
  })
  it.each([
    ['', 'invite/malformed'],
    ['#/play/', 'invite/malformed'],
    [`/steal/${match}.AAECAwQFBgcICQoLDA0ODw`, 'invite/malformed'],
    [`/play/${match}.AAECAwQFBgcICQoLDA0ODw<b>`, 'invite/malformed'],
    [`/play/${match}.AAECAwQFBgcICQoLDA0OD`, 'invite/wrong-length'],
    [`/play/${match}`, 'invite/malformed'],
    // The same bytes in a second spelling.
    [`/play/${match}.AAECAwQFBgcICQoLDA0ODx`, 'invite/malformed'],
  ])('[I4] the fragment "%s" is refused as %s', (fragment, code) => {
    expect(parseFragment(fragment)).toMatchObject({ ok: false, code })
  })
  it('[I4] any text at all is read without an exception', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(parseFragment(text).ok).toBe(false)
      }),
    )
  })
  it('[I5] hides a rematch from everybody without the secret, and a bent one does not open', () => {
    const next = secret2()
    const sealed = sealRematch(secret, next.subarray(0, 16))
    expect(openRematch(secret, sealed)).toEqual({ ok: true, value: next.subarray(0, 16) })
    expect(openRematch(secret2().subarray(0, 16), sealed)).toMatchObject({ code: 'seal/forged' })
    expect(openRematch(secret, Uint8Array.from(sealed).fill(1, 20, 21))).toMatchObject({ code: 'seal/forged' })
    expect(openRematch(secret, new Uint8Array(5))).toMatchObject({ code: 'seal/malformed' })
  })
})

function secret2(): Uint8Array {
  return new Uint8Array(32).fill(5)
}
