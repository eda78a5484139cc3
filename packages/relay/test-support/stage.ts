import { afterEach } from 'vitest'

import { type TestRelay, startRelay } from './start-relay.ts'
import { type StockClient, connectStockClient, startStockClient } from './stock-client.ts'

/** Starts relays and clients that end with the test, the last one first. */
export interface Stage {
  /** Runs after the test. */
  defer(cleanup: () => unknown): void
  relay(config?: Parameters<typeof startRelay>[0]): Promise<TestRelay>
  /** A stock peer that is connected to a relay. */
  guest(address: string): Promise<StockClient>
  /** A stock peer that holds a slot at a relay. */
  reserved(address: string): Promise<StockClient>
}

/** Call once at the top of a test file. */
export function createStage(): Stage {
  const cleanups: Array<() => unknown> = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  })
  const stopLater = async (started: Promise<StockClient>): Promise<StockClient> => {
    const node = await started
    cleanups.push(() => node.stop())
    return node
  }
  return {
    defer: cleanup => void cleanups.push(cleanup),
    async relay(config) {
      const started = await startRelay(config)
      cleanups.push(() => started.stop())
      return started
    },
    guest: address => stopLater(connectStockClient(address)),
    reserved: address => stopLater(startStockClient(address)),
  }
}
