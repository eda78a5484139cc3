import { describe, expect, test } from 'vitest'

import { QuantityError, parseBytes, parseCount, parseDuration, parsePort } from './parse-quantity.ts'

describe('parseBytes', () => {
  test.each([
    ['0', 0],
    ['1048576', 1_048_576],
    ['64MiB', 67_108_864],
    ['1MB', 1_000_000],
    ['1.5 GB', 1_500_000_000],
    ['64kib', 65_536],
    ['10B', 10],
    ['off', Number.POSITIVE_INFINITY],
  ])('%s is %d', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  test.each(['', 'MB', '-1', '1XB', '1e3', '99999999999GB', '0x10'])('"%s" is none', text => {
    expect(() => parseBytes(text)).toThrow(QuantityError)
  })
})

describe('parseDuration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['5min', 300_000],
    ['4h', 14_400_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['off', Number.POSITIVE_INFINITY],
  ])('%s is %d', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '5', '-5min', '5 weeks', 'min'])('"%s" is none', text => {
    expect(() => parseDuration(text)).toThrow(QuantityError)
  })
})

describe('parseCount', () => {
  test('reads whole numbers, grouped or not', () => {
    expect(['0', '50', '10,000', '1_000_000', 'off'].map(parseCount)).toEqual([
      0,
      50,
      10_000,
      1_000_000,
      Number.POSITIVE_INFINITY,
    ])
  })

  test.each(['', '1.5', '-1', 'many', '1,00', '9007199254740993'])('"%s" is none', text => {
    expect(() => parseCount(text)).toThrow(QuantityError)
  })
})

test('parsePort reads 0 to 65535', () => {
  expect([parsePort('0'), parsePort('65535')]).toEqual([0, 65_535])
  for (const text of ['', '65536', '-1', '80a', '8.0']) expect(() => parsePort(text)).toThrow(QuantityError)
})
