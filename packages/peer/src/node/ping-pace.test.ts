import { expect, it } from 'vitest'

import { type PingSituation, pingPace } from './ping-pace.ts'

const situation = (given: Partial<PingSituation>): PingSituation => ({
  relays: [{ transport: 'websocket' }],
  links: [],
  isSparing: false,
  ...given,
})
const direct = (count: number): PingSituation['links'] => Array.from({ length: count }, () => ({ kind: 'direct' }))
const byUdp: PingSituation['relays'] = [{ transport: 'webtransport' }, { transport: 'webrtc-direct' }, {}]

it.each<[string, Partial<PingSituation>, toRelay: number, toOther: number]>([
  ['as the relay says, and rarely between players', {}, 4_000, 10_000],
  ['every two seconds at a relay that somebody is reached by', { links: [{ kind: 'relayed' }] }, 2_000, 10_000],
  ['rarely while nobody looks', { isSparing: true }, 10_000, 10_000],
  [
    'every two seconds while nobody looks, if somebody is reached by the relay',
    { isSparing: true, links: [{ kind: 'relayed' }] },
    2_000,
    10_000,
  ],
  [
    'every two seconds on a direct line, where one thing can take every line',
    { relays: byUdp, links: direct(1) },
    4_000,
    2_000,
  ],
  ['on one of several direct lines every two seconds', { relays: byUdp, links: direct(3) }, 4_000, 6_000],
  ['never more rarely than any other', { relays: byUdp, links: direct(30) }, 4_000, 10_000],
  [
    'rarely while nobody looks, whatever goes by UDP',
    { relays: byUdp, links: direct(1), isSparing: true },
    10_000,
    10_000,
  ],
  ['rarely with no relay at all', { relays: [{}], links: direct(1) }, 4_000, 10_000],
])('asks %s [W7]', (_, given, toRelay, toOther) => {
  const pace = pingPace(situation(given))
  expect([pace(4_000), pace(undefined)]).toEqual([toRelay, toOther])
})
