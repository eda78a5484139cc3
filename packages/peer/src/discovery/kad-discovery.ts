import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { relaysDhtName, relaysDhtProtocol, webOriginOf } from '@tsugi/protocol'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

import type { RelayFinder } from '../relays/relay-finder.ts'

/** A relay is met before its DHT is: the first question may find nobody to ask. */
const waitsMs = [0, 500, 2_000, 5_000]
const roundTimeoutMs = 5_000
/** Whoever floods the key costs no more. */
const maxProviders = 32

/**
 * Finds relays by Kademlia. We ask, and answer nobody. As a peer dials only what its relays' names and descriptions allow, it asks the relays that
 * it is connected to; these are where relays that know each other leave their addresses.
 */
export function kadDiscovery(): RelayFinder {
  return {
    service: kadDHT({ protocol: relaysDhtProtocol, clientMode: true, peerInfoMapper: passthroughMapper }),
    async *find({ contentRouting }, signal) {
      const key = CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(relaysDhtName)))
      let found = 0
      for (const waitMs of waitsMs) {
        if (!(await passes(waitMs, signal))) return
        const inTime = AbortSignal.any([signal, AbortSignal.timeout(roundTimeoutMs)])
        try {
          for await (const { multiaddrs } of contentRouting.findProviders(key, { signal: inTime })) {
            const origins = new Set(multiaddrs.flatMap(address => webOriginOf(address.toString()) ?? []))
            yield* origins
            found += 1
            if (found >= maxProviders) return
          }
        } catch {
          // A query that found nobody is no failure: the next one may.
        }
        if (found > 0) return
      }
    },
  }
}

/** Waits; answers `false` as soon as the signal aborts. */
function passes(delayMs: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise(resolve => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve(!signal.aborted)
    }
    const timer = setTimeout(finish, delayMs)
    signal.addEventListener('abort', finish)
  })
}
