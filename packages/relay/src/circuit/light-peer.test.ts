import { LightPeer } from '@tsugi/testkit/light-peer'
import { expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'

const stage = createStage()

test('[A1] [A11] a peer written from the specifications alone reserves, and a circuit carries its bytes both ways', async () => {
  const { port, relay } = await stage.relay()
  const [caller, target] = await Promise.all([1, 2].map(() => LightPeer.connect(`ws://127.0.0.1:${port}`)))
  if (caller === undefined || target === undefined) throw new Error('no peers')
  stage.defer(() => Promise.all([caller.close(), target.close()]))
  expect(await target.reserve()).toBe(100)
  target.onCircuit(async stream => {
    for (let bytes = await stream.read(); bytes !== undefined; bytes = await stream.read()) await stream.write(bytes)
    stream.finish()
  })
  const { status, stream } = await caller.connect(target.id)
  expect(status).toBe(100)
  const sent = Buffer.alloc(1_000_000, 'tsugi')
  const writing = stream.write(sent)
  const arrived: Uint8Array[] = []
  for (let left = sent.length; left > 0;) {
    const bytes = await stream.read()
    if (bytes === undefined) break
    arrived.push(bytes)
    left -= bytes.length
  }
  await writing
  expect(Buffer.compare(Buffer.concat(arrived), sent)).toBe(0)
  await caller.cut()
  await until('the circuit has gone', () => relay.stats().circuits.circuits === 0)
})
