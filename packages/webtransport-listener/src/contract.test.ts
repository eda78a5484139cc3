import { noise } from '@libp2p/noise'
import { WebTransport } from '@multiformats/multiaddr-matcher'
import { afterEach, beforeEach, describe, it } from 'vitest'

import { unavailable } from '../test-support/node.ts'
import { webTransportListener } from './transport.ts'

/** The suite is written for mocha: globals, and a `this` with a time-out and a way to skip. */
type MochaTest = (this: { timeout(ms: number): void; skip(): void }) => unknown
const longestTestMs = 180_000
Object.assign(globalThis, {
  describe,
  beforeEach,
  afterEach,
  it: (name: string, test: MochaTest) =>
    // oxlint-disable-next-line vitest/valid-title, vitest/expect-expect -- titles and assertions are the suite's
    it(name, context => test.call({ timeout() {}, skip: () => context.skip() }) as Promise<void>, longestTestMs),
})
const { default: transportContract } = await import('@libp2p/interface-compliance-tests/transport')

const listen = ['/ip4/127.0.0.1/udp/0/quic-v1/webtransport', '/ip4/127.0.0.1/udp/0/quic-v1/webtransport']

describe.skipIf(unavailable !== undefined)('[F6] libp2p’s contract for transports', () => {
  transportContract({
    async setup() {
      const parts = { transports: [webTransportListener()], connectionEncrypters: [noise()] }
      return {
        dialer: parts,
        listener: { ...parts, addresses: { listen } },
        dialMultiaddrMatcher: WebTransport,
        listenMultiaddrMatcher: WebTransport,
      }
    },
    async teardown() {},
  })
})
