import { expect, it } from 'vitest'

import { FakeTimers } from '../../test-support/fake-timers.ts'
import { clockSkewMs, periodMs } from './calendar.ts'
import { CertificateBook } from './certificate-book.ts'

const seed = new Uint8Array(32).fill(7)
const today = Date.UTC(2026, 10, 21)

it('announces the certificate in use and the next, and moves on at the end of the period', () => {
  const timers = new FakeTimers(today)
  const book = new CertificateBook({ seed, timers })
  const [current, next] = book.certhashes()
  let rotations = 0
  const unfollow = book.follow(() => {
    rotations += 1
  })
  timers.advance(periodMs)
  expect(rotations).toBe(1)
  expect(book.current.certhash).toBe(next)
  expect(book.certhashes()[0]).toBe(next)
  expect(book.certhashes()[1]).not.toBe(current)
  unfollow()
  expect(timers.size).toBe(0)
})

it('confirms the last certificate too, for whoever dialled a moment before', () => {
  const timers = new FakeTimers(today)
  const book = new CertificateBook({ seed, timers })
  const before = book.current.multihash
  book.follow(() => {})
  timers.advance(periodMs)
  expect(book.multihashes()[0]).toEqual(before)
})

it('is valid for the whole of its use, and for a clock that is off by the allowance', () => {
  const timers = new FakeTimers(today)
  const book = new CertificateBook({ seed, timers })
  book.follow(() => {})
  for (let hours = 0; hours < 24 * 40; hours += 6) {
    const { notBeforeMs, notAfterMs } = book.current
    expect(notBeforeMs).toBeLessThanOrEqual(timers.now() - clockSkewMs)
    expect(notAfterMs).toBeGreaterThanOrEqual(timers.now() + clockSkewMs - 3_600_000)
    timers.advance(6 * 3_600_000)
  }
})

it('finds the same certificates after a restart', () => {
  const first = new CertificateBook({ seed, timers: new FakeTimers(today) })
  const second = new CertificateBook({ seed, timers: new FakeTimers(today + 1_000) })
  expect(second.certhashes()).toEqual(first.certhashes())
})

it('jumps to the right certificate when the clock was set', () => {
  const timers = new FakeTimers(today)
  const book = new CertificateBook({ seed, timers })
  let rotations = 0
  book.follow(() => {
    rotations += 1
  })
  timers.set(today + 5 * periodMs)
  timers.advance(3_600_000)
  expect(rotations).toBe(1)
  expect(book.certhashes()).toEqual(
    new CertificateBook({ seed, timers: new FakeTimers(today + 5 * periodMs) }).certhashes(),
  )
})
