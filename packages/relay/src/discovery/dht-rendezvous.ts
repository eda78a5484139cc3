import type { ContentRouting } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TaskGroup } from '@tsugi/bounded'
import { relaysDhtName } from '@tsugi/protocol'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

/** Waits between rounds, the last one again and again: a young mesh finds itself in seconds, an old one is only looked after. */
const waitsMs = [500, 1_000, 3_000, 10_000, 30_000, 60_000, 300_000]
const roundTimeoutMs = 20_000
/** Providers that are read in one round: whoever floods the key costs no more. */
const maxProviders = 64

/** What {@link keepRendezvous} needs. */
export interface RendezvousOptions {
  readonly tasks: TaskGroup
  readonly routing: Pick<ContentRouting, 'provide' | 'findProviders'>
  /** Whether there is anybody to ask. */
  readonly hasFellows: () => boolean
  readonly onFound: (peer: string, addresses: readonly Multiaddr[]) => void
}

/** The DHT key under which relays find each other: the CID of a name that belongs to no application. */
async function rendezvousKey(): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(relaysDhtName)))
}

/**
 * Tells the DHT that this is a relay, and asks it for others, for as long as the group lives.
 *
 * @returns called when somebody new was met: what is to be known is asked for again soon
 */
export function keepRendezvous(options: RendezvousOptions): () => void {
  const { tasks, routing } = options
  let round = 0
  let wake = new AbortController()
  const once = async (key: CID, signal: AbortSignal): Promise<void> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(roundTimeoutMs)])
    await routing.provide(key, { signal: limit })
    let seen = 0
    for await (const { id, multiaddrs } of routing.findProviders(key, { signal: limit })) {
      options.onFound(id.toString(), multiaddrs)
      seen += 1
      if (seen >= maxProviders) return
    }
  }
  tasks.run('rendezvous', async signal => {
    const key = await rendezvousKey()
    while (!signal.aborted) {
      const waitMs = (waitsMs[Math.min(round, waitsMs.length - 1)] ?? 0) * (0.75 + Math.random() / 2)
      round += 1
      await tasks.sleep('rendezvous', waitMs, wake.signal)
      if (wake.signal.aborted) wake = new AbortController()
      // A query that found nobody is no failure: the next round asks others.
      if (!signal.aborted && options.hasFellows()) await once(key, signal).catch(() => {})
    }
  })
  return () => {
    round = 0
    wake.abort()
  }
}
