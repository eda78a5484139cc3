import { expect, test } from 'vitest'

import { HandshakeLine, type HandshakeLineOptions } from './handshake-line.ts'

/** A line whose turns a test takes by hand, each of which lasts as long as it says. */
function line(options: Partial<HandshakeLineOptions> = {}) {
  let nowMs = 0
  const turns: (() => void)[] = []
  const told: string[] = []
  const made = new HandshakeLine({
    maxWaiting: 100,
    maxPerAddress: 100,
    maxWaitMs: 1_000,
    now: () => nowMs,
    nextTurn: run => turns.push(run),
    ...options,
  })
  return {
    line: made,
    told,
    enter: (name: string, address = name) =>
      made.enter(
        address,
        () => told.push(`${name} begins`),
        () => told.push(`${name} is refused`),
      ),
    /** One turn of the event loop, in which nothing new came. */
    turn: (ms = 1): void => {
      nowMs += ms
      turns.shift()?.()
    },
    isAtRest: () => turns.length === 0,
  }
}

test('who comes alone begins at once, and of a crowd one begins in each turn, in order', () => {
  const { enter, turn, told, isAtRest } = line()
  for (const name of ['a', 'b', 'c']) enter(name)
  expect(told).toEqual(['a begins'])
  turn()
  expect(told).toEqual(['a begins', 'b begins'])
  turn()
  turn()
  expect(told).toEqual(['a begins', 'b begins', 'c begins'])
  expect(isAtRest()).toBe(true)
  enter('d')
  expect(told.at(-1)).toBe('d begins')
})

test('nobody is kept who would wait too long, as far as the turns before tell', () => {
  const { line: made, enter, turn, told } = line({ maxWaiting: 1_000, maxPerAddress: 1_000 })
  // A handshake takes 5 ms at the least, so 200 fit into a second.
  for (let count = 0; count < 300; count += 1) enter(`${count}`, 'all')
  expect(made.size).toBe(201)
  expect(told.filter(each => each.endsWith('is refused'))).toHaveLength(98)
  // They take 20 ms each: what was kept is too much already, and then only about 50 fit.
  for (let count = 0; count < 30; count += 1) turn(20)
  told.length = 0
  enter('another')
  expect(told).toEqual(['another is refused'])
  for (let count = 0; count < 30; count += 1) turn(20)
  expect(made.size).toBe(0)
  for (let count = 0; count < 100; count += 1) enter(`late ${count}`)
  expect(made.size).toBeLessThan(60)
  expect(made.size).toBeGreaterThan(45)
})

test('who has waited too long is refused in place of being begun, and whoever comes then begins', () => {
  const { enter, turn, told } = line()
  for (const name of ['a', 'b', 'c']) enter(name)
  turn(1_001)
  expect(told).toEqual(['a begins', 'b is refused', 'c is refused'])
  turn()
  enter('d')
  expect(told.at(-1)).toBe('d begins')
})

test('one long stall does not turn away those who come after it', () => {
  const { line: made, enter, turn, told } = line()
  for (const name of ['a', 'b', 'c']) enter(name)
  turn(900)
  turn()
  turn()
  for (let count = 0; count < 30; count += 1) enter(`after ${count}`)
  expect(told.filter(each => each.endsWith('is refused'))).toEqual([])
  expect(made.size).toBe(29)
})

test('one address has its share of the line, and who leaves makes room', () => {
  const { line: made, enter, told } = line({ maxPerAddress: 2 })
  enter('first')
  const leave = enter('a', '192.0.2.1')
  enter('b', '192.0.2.1')
  enter('c', '192.0.2.1')
  enter('d', '192.0.2.2')
  expect(told).toEqual(['first begins', 'c is refused'])
  leave()
  leave()
  enter('e', '192.0.2.1')
  expect(told).toHaveLength(2)
  expect(made.size).toBe(3)
  made.clear()
  expect(made.size).toBe(0)
  expect(told.slice(2)).toEqual(['b is refused', 'd is refused', 'e is refused'])
})
