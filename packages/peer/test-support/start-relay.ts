import { onTestFinished } from 'vitest'

import { type TestRelay, type TestRelayOptions, openRelay } from './open-relay.ts'

export type { TestRelay, TestRelayOptions } from './open-relay.ts'

/** Starts a relay of the project's own; it ends with its test. */
export async function startRelay(options: TestRelayOptions = {}): Promise<TestRelay> {
  const relay = await openRelay(options)
  onTestFinished(() => relay.kill())
  return relay
}
