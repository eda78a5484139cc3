import { type AppId, type Limits, parseAppId, resolveLimits } from '@tsugi/protocol'

import { type BookStore, openBookStore } from './book/book-store.ts'
import { type IdentityOption, loadIdentity } from './identity/identity.ts'
import { MeshPeer, type PeerTiming } from './mesh-peer.ts'
import { installDigest } from './node/insecure-origin.ts'
import { PeerError } from './peer-error.ts'
import type { Peer, PeerOptions } from './peer.ts'
import { parseRelaySource } from './relays/relay-source.ts'

/**
 * Starts a peer. Resolves when it has started; that it has found a relay is told by `state` and the `ready` event, and may take a
 * while, or until the relay is up.
 *
 * @throws PeerError `peer/invalid-option`, `relay/invalid-address`, `relay/too-many`, `identity/invalid-key`, `peer/start-failed`
 */
export function createPeer(options: PeerOptions): Promise<Peer> {
  return startPeer(options, {})
}

/** The same, with waits that an application has no business with. */
export async function startPeer(options: PeerOptions, timing: PeerTiming): Promise<MeshPeer> {
  const app = requireApp(options.app)
  const limits = requireLimits(options.limits)
  const slots = options.slots ?? 2
  if (!Number.isSafeInteger(slots) || slots < 1 || slots > 16) {
    throw new PeerError('peer/invalid-option', `A peer holds 1 to 16 slots, not ${slots}.`)
  }
  if (options.relays.length > limits.knownRelays) {
    throw new PeerError(
      'relay/too-many',
      `${options.relays.length} relays; at most ${limits.knownRelays} are known at once.`,
    )
  }
  for (const relay of options.relays) parseRelaySource(relay)
  installDigest()
  const [identity, bookStore] = await Promise.all([loadIdentity(identityOption(options)), bookStoreOf(options)])
  try {
    const keptBook = await bookStore?.load().catch(() => undefined)
    return await MeshPeer.start({ options, app, limits, slots, identity, timing, bookStore, keptBook })
  } catch (cause) {
    identity.release()
    bookStore?.close()
    if (cause instanceof PeerError) throw cause
    throw new PeerError('peer/start-failed', cause instanceof Error ? cause.message : 'The peer could not start.', {
      cause,
    })
  }
}

function requireApp(text: string): AppId {
  const app = parseAppId(text)
  if (app.ok) return app.value
  throw new PeerError(
    'peer/invalid-option',
    `"${text}" is no app id: 1 to 63 of a-z 0-9 . - beginning with a letter or digit.`,
  )
}

function requireLimits(overrides: Partial<Limits> | undefined): Limits {
  try {
    return resolveLimits(overrides)
  } catch (cause) {
    throw new PeerError('peer/invalid-option', cause instanceof Error ? cause.message : 'The limits are invalid.', {
      cause,
    })
  }
}

function identityOption({ identity, storage }: PeerOptions): IdentityOption {
  return identity ?? (storage === 'memory' ? 'memory' : 'tab')
}

/** A peer that comes back as somebody else knows nobody. */
async function bookStoreOf(options: PeerOptions): Promise<BookStore | undefined> {
  if (options.bookStore !== undefined) return options.bookStore
  return options.storage === 'memory' || identityOption(options) === 'memory' ? undefined : openBookStore(options.app)
}
