/**
 * Finds relays in the relays' own DHT, for peers that know too few: programs that run for long, rather than pages, which are small without
 * it and hear of other relays from the one that they came from.
 *
 * ```ts
 * import { createPeer } from '@tsugi/peer'
 * import { kadDiscovery } from '@tsugi/peer/discovery'
 *
 * const peer = await createPeer({ app: 'my-game', relays: ['https://relay.example'], discovery: kadDiscovery() })
 * ```
 *
 * @packageDocumentation
 */
export { kadDiscovery } from './kad-discovery.ts'
