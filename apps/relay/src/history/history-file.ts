import { readFile, stat } from 'node:fs/promises'

import {
  array,
  finite,
  literal,
  maxEntries,
  maxLength,
  minValue,
  number,
  object,
  pipe,
  record,
  safeParse,
  string,
} from 'valibot'

import { writeAtomically } from '../files/write-atomically.ts'
import { type KeptHistory, historySteps } from './history.ts'
import { type Sample, type SampleColumn, sampleColumns } from './sample.ts'
import { type Totals, maxTotals } from './totals.ts'

/** Both rows when they are full take about a quarter of this. */
const maxFileBytes = 4 * 1_024 * 1_024

/** What a relay remembers about itself between two runs. */
export interface KeptFigures {
  readonly history: KeptHistory
  readonly totals: Totals
}

const count = pipe(number(), finite(), minValue(0))
const counts = pipe(record(pipe(string(), maxLength(128)), count), maxEntries(maxTotals))
const row = (capacity: number) =>
  object({
    atMs: pipe(array(count), maxLength(capacity)),
    values: record(string(), pipe(array(count), maxLength(capacity))),
    refusals: pipe(array(counts), maxLength(capacity)),
  })
const fileSchema = object({
  version: literal(1),
  totals: counts,
  fine: row(historySteps.fine.capacity),
  coarse: row(historySteps.coarse.capacity),
})

/**
 * Reads what an earlier run left.
 *
 * @returns `undefined` when there is no file
 * @throws Error when the file is not what {@link writeHistoryFile} wrote
 */
export async function readHistoryFile(path: string): Promise<KeptFigures | undefined> {
  const size = await stat(path).then(
    found => found.size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )
  if (size === undefined) return undefined
  if (size > maxFileBytes) throw new RangeError(`it is larger than ${maxFileBytes} bytes`)
  const file = safeParse(fileSchema, JSON.parse(await readFile(path, 'utf8')), { abortEarly: true })
  if (!file.success) throw new TypeError(file.issues[0].message)
  const { totals, fine, coarse } = file.output
  return { totals, history: { fine: toSamples(fine), coarse: toSamples(coarse) } }
}

/** Writes it, in columns, because names would be most of the file. */
export async function writeHistoryFile(path: string, { history, totals }: KeptFigures): Promise<void> {
  const content = { version: 1, totals, fine: toColumns(history.fine), coarse: toColumns(history.coarse) }
  await writeAtomically(path, JSON.stringify(content))
}

/** Samples as columns of one length, which JSON and charts both like better. */
export interface SampleTable {
  readonly atMs: readonly number[]
  readonly values: Readonly<Record<string, readonly number[]>>
  readonly refusals: readonly Totals[]
}

/** Turns samples into columns. */
export function toColumns(samples: readonly Sample[]): SampleTable {
  return {
    atMs: samples.map(each => each.atMs),
    values: Object.fromEntries(sampleColumns.map(column => [column, samples.map(each => each.values[column])])),
    refusals: samples.map(each => each.refusals),
  }
}

/** A column that an older version did not write is all zeros. */
function toSamples({ atMs, values, refusals }: SampleTable): Sample[] {
  return atMs.map((at, index) => ({
    atMs: at,
    values: Object.fromEntries(sampleColumns.map(column => [column, values[column]?.[index] ?? 0])) as Record<
      SampleColumn,
      number
    >,
    refusals: refusals[index] ?? {},
  }))
}
