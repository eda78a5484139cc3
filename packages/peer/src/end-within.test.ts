import { expect, it } from 'vitest'

import { endWithin } from './end-within.ts'

it('waits for an end, and is held up neither by one that fails nor by one that never comes', async () => {
  let hasEnded = false
  const end = Promise.resolve().then(() => (hasEnded = true))
  await endWithin(60_000, end)
  expect(hasEnded).toBe(true)
  await endWithin(60_000, Promise.reject(new Error('It could not end.')))
  await endWithin(60_000, undefined)
  await endWithin(1, new Promise(() => {}))
})
