import { expect, test } from 'vitest'

import { bytesText, countText, delayText, perSecondText, rateText, shareText, shortId, spanText } from './units.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.7, '1 kB'],
  [1_000, '1 kB'],
  [1_536, '1.54 kB'],
  [12_345, '12.3 kB'],
  [500_000_000, '500 MB'],
  [1_500_000_000, '1.5 GB'],
  [999_900, '1 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

test.each([
  [0, '0 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [86_400_000, '1 d'],
  [97_200_000, '1 d 3 h'],
  [-5, '0 s'],
])('%d ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text)
})

test('counts, shares, delays and rates have the digits that matter', () => {
  expect([0, 2.5, 12, 12_345].map(countText)).toEqual(['0', '2.5', '12', '12,345'])
  expect([0, 0.042, 0.5, 1.2].map(shareText)).toEqual(['0 %', '4.2 %', '50 %', '120 %'])
  expect([0, 0.34, 12.4, 999.6, 2_100].map(delayText)).toEqual(['0 ms', '0.3 ms', '12 ms', '1 s', '2.1 s'])
  expect([0, 0.05, 0.4, 25].map(perSecondText)).toEqual(['0/s', '0.05/s', '0.4/s', '25/s'])
  expect(rateText(10_000_000)).toBe('10 MB/s')
})

test('a peer is told by the end of its id', () => {
  expect(shortId('12D3KooWMQohKGR5RyzVaCCSSwWCRaw1rBQ69DCc1pCZkwjw92D8')).toBe('…kwjw92D8')
  expect(shortId('192.0.2.1')).toBe('192.0.2.1')
})
