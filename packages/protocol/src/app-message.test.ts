import { expect, test } from 'vitest'

import { encodeAppMessage } from './app-message.ts'
import { type AppId, defaultApp } from './ids.ts'

test('[N2] an app is field 1 of a protobuf message, after its length', () => {
  expect([...encodeAppMessage(defaultApp)]).toEqual([9, 10, 7, ...Buffer.from('default')])
})

test('[N2] the longest app id still has lengths of one byte', () => {
  const bytes = encodeAppMessage('a'.repeat(63) as AppId)
  expect(bytes.length).toBe(66)
  expect([...bytes.subarray(0, 3)]).toEqual([65, 10, 63])
})
