import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { readHistoryFile, writeHistoryFile } from './history-file.ts'
import { History, historySteps } from './history.ts'
import { type Sample, mergeSamples, sampleColumns } from './sample.ts'

const sampleOf = (atMs: number, value = 1, refusals: Record<string, number> = {}): Sample => ({
  atMs,
  values: Object.fromEntries(sampleColumns.map(name => [name, value])) as Sample['values'],
  refusals,
})

describe('a row of samples', () => {
  test('never holds more than an hour in steps of 10 s and a day in steps of a minute', () => {
    const history = new History()
    const count = 9_000
    for (let index = 1; index <= count; index += 1) history.add(sampleOf(index * 10_000, index))
    const { fine, coarse } = history.kept()
    expect([fine.length, coarse.length]).toEqual([historySteps.fine.capacity, historySteps.coarse.capacity])
    expect([fine.at(-1)?.atMs, coarse.at(-1)?.atMs]).toEqual([count * 10_000, count * 10_000])
    expect(fine[0]?.values.peers).toBe(count - 359)
  })

  test('is cut to its window, fine up to an hour and coarse beyond', () => {
    const history = new History()
    for (let index = 1; index <= 60; index += 1) history.add(sampleOf(index * 10_000))
    expect(history.window(60_000, 600_000)).toMatchObject({ stepMs: 10_000, samples: { length: 6 } })
    expect(history.window(86_400_000, 600_000)).toMatchObject({ stepMs: 60_000, samples: { length: 10 } })
  })

  test('stays in order when the clock is set back, and what an earlier run left of the future is left out', () => {
    const history = new History({ fine: [sampleOf(1_000), sampleOf(9_000)], coarse: [] }, 5_000)
    expect(history.kept().fine.map(each => each.atMs)).toEqual([1_000])
    for (const atMs of [4_000, 6_000, 5_000]) history.add(sampleOf(atMs))
    expect(history.kept().fine.map(each => each.atMs)).toEqual([1_000, 4_000, 5_000])
  })
})

test('a minute is the mean of its samples, with the worst delay and every refusal', () => {
  const merged = mergeSamples([sampleOf(1, 1, { a: 1 }), sampleOf(2, 2, { a: 2, b: 1 }), sampleOf(3, 6)])
  expect(merged).toMatchObject({ atMs: 3, values: { peers: 3, loopDelayP99Ms: 6 }, refusals: { a: 3, b: 1 } })
})

describe('the file', () => {
  let path: string
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsugi-history-'))
    path = join(folder, 'history.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('B8: holds what was written, whatever that is', async () => {
    const amount = fc.double({ min: 0, max: 1e12, noNaN: true }).map(value => (value === 0 ? 0 : value))
    // Names are the relay's own. Valibot leaves out those with which a record could reach its prototype.
    const isSafe = (each: string): boolean => each !== 'prototype' && !Object.hasOwn(Object.prototype, each)
    const name = fc.string({ minLength: 1, maxLength: 20 }).filter(isSafe)
    const samples = fc.array(
      fc.record({
        atMs: fc.nat(),
        values: fc.record(Object.fromEntries(sampleColumns.map(column => [column, amount]))),
        refusals: fc.dictionary(name, amount, { noNullPrototype: true }),
      }),
      { maxLength: 5 },
    ) as fc.Arbitrary<Sample[]>
    const totals = fc.dictionary(name, amount, { noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(samples, samples, totals, async (fine, coarse, counts) => {
        const kept = { history: { fine, coarse }, totals: counts }
        await writeHistoryFile(path, kept)
        expect(await readHistoryFile(path)).toEqual(kept)
      }),
      { numRuns: 30 },
    )
  })

  test('stays below 1 MB with both rows full, and is its owner’s alone', async () => {
    const refusals = { 'address/joins': 12, 'message/rate': 3 }
    const row = (length: number) =>
      Array.from({ length }, (_, index) => sampleOf(1_790_000_000_000 + index * 10_000, 12_345_000, refusals))
    await writeHistoryFile(path, { history: { fine: row(360), coarse: row(1_440) }, totals: { bytes: 1 } })
    const { size, mode } = await stat(path)
    expect(size).toBeLessThan(1_000_000)
    expect(mode & 0o777).toBe(0o600)
  })

  test('none is none', async () => {
    expect(await readHistoryFile(path)).toBeUndefined()
  })

  test.each([
    ['no JSON', '{"version":1,', /JSON/],
    ['another version', '{"version":2}', /Expected 1 but received 2/],
    ['a negative count', '{"version":1,"totals":{"a":-1}}', /Expected >=0/],
    ['nothing at all', '', /JSON/],
    ['too much', ' '.repeat(5_000_000), /larger than/],
  ])('one with %s is an error, not half a history', async (_, content, message) => {
    await writeFile(path, content)
    await expect(readHistoryFile(path)).rejects.toThrow(message)
  })

  test('a file that cannot be written leaves the old one as it was', async () => {
    await writeHistoryFile(path, { history: { fine: [], coarse: [] }, totals: { a: 1 } })
    const before = await readFile(path, 'utf8')
    // A folder in the place of the temporary file.
    const blocked = `${path}.new`
    await mkdir(blocked)
    const written = writeHistoryFile(path, { history: { fine: [], coarse: [] }, totals: { a: 2 } })
    await expect(written).rejects.toThrow(/EISDIR/)
    expect(await readFile(path, 'utf8')).toBe(before)
  })
})
