import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'

import { PeerError } from '../peer-error.ts'
import { type KeyStore, openKeyStore } from './key-store.ts'
import {
  type SlotHolder,
  createChannelHolder,
  createLockHolder,
  createStoredNotes,
  openBroadcastChannel,
} from './slot-holder.ts'

/**
 * Whose key a peer uses. `tab`: one kept in IndexedDB, another for each tab that is open at once, the same after a reload; where that
 * is impossible, `memory`: a new one that is gone with the page. Or a seed of 32 bytes, which the caller keeps.
 */
export type IdentityOption = 'tab' | 'memory' | { readonly seed: Uint8Array }

/** The key in use. */
export interface Identity {
  readonly privateKey: Ed25519PrivateKey
  /** The Ed25519 secret that the key is made of, 32 bytes. */
  readonly seed: Uint8Array
  /** Whether the same peer will be back after the page or process has ended. */
  readonly isKept: boolean
  /** Which of the browser's identities this tab has. */
  readonly slot?: number
  /** Lets another tab have it. Safe to repeat. */
  release(): void
}

const seedLength = 32
/** More tabs than anybody opens at once; the next one gets a key in memory. */
const maxSlots = 32
const slotKey = 'tsugi/identity-slot'
/** After a reload the old page may hold its lock for a moment. */
const reloadPatienceMs = 500

/**
 * Finds or makes the key.
 *
 * @throws PeerError `identity/invalid-key`
 */
export async function loadIdentity(option: IdentityOption): Promise<Identity> {
  if (typeof option === 'object') return fromSeed(option.seed, true)
  return (option === 'tab' ? await fromTab() : undefined) ?? fromSeed(freshSeed(), false)
}

async function fromTab(): Promise<Identity | undefined> {
  const store = await openKeyStore()
  if (store === undefined) return undefined
  const holder = createHolder()
  const taken = holder === undefined ? undefined : await takeSlot(holder)
  if (taken === undefined) {
    store[Symbol.dispose]()
    return undefined
  }
  try {
    const seed = await seedOf(store, taken.slot)
    let isReleased = false
    // A lock goes with its page by itself; what is only noted does not.
    globalThis.addEventListener?.('pagehide', taken.release)
    return {
      ...(await fromSeed(seed, true)),
      slot: taken.slot,
      release() {
        if (isReleased) return
        isReleased = true
        globalThis.removeEventListener?.('pagehide', taken.release)
        taken.release()
      },
    }
  } catch {
    taken.release()
    return undefined // a store that can be opened and not written, as in some private windows
  } finally {
    store[Symbol.dispose]()
  }
}

function seedOf(store: KeyStore, slot: number): Promise<Uint8Array> {
  return store.seedOf(slot, freshSeed())
}

async function takeSlot(
  holder: SlotHolder & Partial<Disposable>,
): Promise<{ slot: number; release: () => void } | undefined> {
  const remembered = rememberedSlot()
  const order = [
    ...new Set([
      ...(remembered === undefined ? [] : [remembered]),
      ...Array.from({ length: maxSlots }, (_, slot) => slot),
    ]),
  ]
  for (const slot of order) {
    const giveBack = await holder.take(slot, slot === remembered ? reloadPatienceMs : 0)
    if (giveBack === undefined) continue
    rememberSlot(slot)
    return {
      slot,
      release() {
        giveBack()
        holder[Symbol.dispose]?.()
      },
    }
  }
  holder[Symbol.dispose]?.()
  return undefined
}

function createHolder(): (SlotHolder & Partial<Disposable>) | undefined {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks
  if (locks !== undefined) return createLockHolder(locks)
  if (globalThis.BroadcastChannel === undefined) return undefined
  const tab = Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join('')
  return createChannelHolder(openBroadcastChannel('tsugi/identity'), tab, createStoredNotes())
}

/** The session's storage outlives a reload, and is copied with a duplicated tab: then the lock decides. */
function rememberedSlot(): number | undefined {
  try {
    const slot = Number(globalThis.sessionStorage?.getItem(slotKey) ?? Number.NaN)
    return Number.isInteger(slot) && slot >= 0 && slot < maxSlots ? slot : undefined
  } catch {
    return undefined // storage is forbidden here
  }
}

function rememberSlot(slot: number): void {
  try {
    globalThis.sessionStorage?.setItem(slotKey, String(slot))
  } catch {
    // Then a reload may get another identity; nothing else is lost.
  }
}

function freshSeed(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(seedLength))
}

async function fromSeed(seed: Uint8Array, isKept: boolean): Promise<Identity> {
  if (!(seed instanceof Uint8Array) || seed.length !== seedLength) {
    throw new PeerError('identity/invalid-key', `A seed has ${seedLength} bytes.`)
  }
  return { privateKey: await generateKeyPairFromSeed('Ed25519', seed), seed, isKept, release() {} }
}
