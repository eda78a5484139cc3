import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type Identity, loadIdentity } from './identity.ts'

/** One browser: a storage and locks that its tabs share, and a session of its own for each tab. */
function openBrowser() {
  const held = new Set<string>()
  const locks = {
    async request(name: string, options: LockOptions, callback: (lock: Lock | null) => unknown) {
      if (held.has(name)) {
        if (options.ifAvailable === true) return callback(null)
        throw new DOMException('timed out', 'TimeoutError')
      }
      held.add(name)
      return Promise.resolve(callback({ name, mode: 'exclusive' })).finally(() => held.delete(name))
    },
  }
  vi.stubGlobal('indexedDB', new IDBFactory())
  vi.stubGlobal('navigator', { locks })
  return {
    /** Makes this tab's session current; answers it, so that it can be copied. */
    tab(session = new Map<string, string>()) {
      vi.stubGlobal('sessionStorage', {
        getItem: (key: string) => session.get(key) ?? null,
        setItem: (key: string, value: string) => session.set(key, value),
      })
      return session
    },
  }
}

const keyOf = (identity: Identity): string => Buffer.from(identity.seed).toString('hex')

beforeEach(() => {
  vi.unstubAllGlobals()
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the identity of a tab', () => {
  it('is kept over a reload, and is another for each tab that is open at once', async () => {
    const browser = openBrowser()
    const session = browser.tab()
    const first = await loadIdentity('tab')
    expect(first).toMatchObject({ slot: 0, isKept: true })
    browser.tab()
    const second = await loadIdentity('tab')
    expect(second.slot).toBe(1)
    expect(keyOf(second)).not.toBe(keyOf(first))
    first.release()
    first.release()
    await vi.waitFor(async () => {
      browser.tab(session)
      const reloaded = await loadIdentity('tab')
      expect(keyOf(reloaded)).toBe(keyOf(first))
    })
  })

  it('is the tab’s own slot after a reload, also when a lower one is free', async () => {
    const browser = openBrowser()
    browser.tab()
    const first = await loadIdentity('tab')
    const session = browser.tab()
    const second = await loadIdentity('tab')
    first.release()
    second.release()
    await new Promise(resolve => setImmediate(resolve))
    browser.tab(session)
    expect(keyOf(await loadIdentity('tab'))).toBe(keyOf(second))
  })

  it('is another one in a tab that was duplicated', async () => {
    const browser = openBrowser()
    const session = browser.tab()
    const first = await loadIdentity('tab')
    browser.tab(new Map(session))
    const copy = await loadIdentity('tab')
    expect(copy.slot).toBe(1)
    expect(keyOf(copy)).not.toBe(keyOf(first))
  })

  it('is found again by a tab that is opened after all were closed', async () => {
    const browser = openBrowser()
    browser.tab()
    const first = await loadIdentity('tab')
    first.release()
    await new Promise(resolve => setImmediate(resolve))
    browser.tab()
    expect(keyOf(await loadIdentity('tab'))).toBe(keyOf(first))
  })

  it('is in memory where there is no IndexedDB, or one that refuses', async () => {
    vi.stubGlobal('indexedDB', undefined)
    expect(await loadIdentity('tab')).toMatchObject({ isKept: false })
    openBrowser().tab()
    vi.stubGlobal('indexedDB', {
      open() {
        throw new DOMException('not in private windows', 'SecurityError')
      },
    })
    expect(await loadIdentity('tab')).toMatchObject({ isKept: false })
  })

  it('is what the caller says, or new each time in memory', async () => {
    const seed = new Uint8Array(32).fill(7)
    const given = await loadIdentity({ seed })
    expect(given.isKept).toBe(true)
    expect(given.privateKey.publicKey.toString()).toBe((await loadIdentity({ seed })).privateKey.publicKey.toString())
    expect(keyOf(await loadIdentity('memory'))).not.toBe(keyOf(await loadIdentity('memory')))
    await expect(loadIdentity({ seed: new Uint8Array(31) })).rejects.toMatchObject({ code: 'identity/invalid-key' })
  })
})
