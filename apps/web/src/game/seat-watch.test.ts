import { expect, it } from 'vitest'

import { SeatWatch } from './seat-watch.ts'

const here = { status: 'here', since: 5 } as const
const gone = { status: 'gone', since: null } as const

it('tells since when a player is away, from the moment that they were missed', () => {
  const watch = new SeatWatch()
  expect(watch.read([gone, here], 100)).toEqual([null, null])
  expect(watch.read([gone, gone], 200)).toEqual([null, 200])
  expect(watch.read([gone, gone], 900)).toEqual([null, 200])
  expect(watch.read([gone, here], 950)).toEqual([null, null])
  expect(watch.read([gone, { status: 'away', since: 960 }], 1_000)).toEqual([null, 960])
})
