import { isDeepStrictEqual } from 'node:util'

/** A result that stands in the table as it is: not tried, with the reason. */
export class Skipped {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** What does not work and is known not to, with the reason. */
export class Gap {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

interface Cell {
  readonly text: string
  readonly problem?: string
}

/** One table: what was tried, with whom, and what came of it. */
export class Table {
  readonly title: string
  readonly #columns: readonly string[]
  readonly #note: string | undefined
  readonly #rows = new Map<string, Map<string, Cell>>()

  /** @param note - what stands below it */
  constructor(title: string, columns: readonly string[], note?: string) {
    this.#note = note
    this.title = title
    this.#columns = columns
  }

  /**
   * Tries something, and notes what came of it.
   *
   * @param attempt - answers a remark for the table, why it was not tried, or why it cannot work yet; throws when it failed
   */
  async try(row: string, column: string, attempt: () => Promise<string | Skipped | Gap | void>): Promise<void> {
    let cell: Cell
    try {
      const told = await attempt()
      cell =
        told instanceof Skipped
          ? { text: `– ${told.reason}` }
          : told instanceof Gap
            ? { text: `no: ${told.reason}` }
            : { text: told === undefined ? 'yes' : `yes, ${told}` }
    } catch (error) {
      cell = { text: '**no**', problem: error instanceof Error ? error.message : String(error) }
    }
    const cells = this.#rows.get(row) ?? new Map<string, Cell>()
    this.#rows.set(row, cells.set(column, cell))
    console.error(`${this.title}: ${row}, ${column}: ${cell.problem ?? cell.text}`)
  }

  get problems(): string[] {
    return [...this.#rows].flatMap(([row, cells]) =>
      [...cells].flatMap(([column, { problem }]) =>
        problem === undefined ? [] : [`${this.title}: ${row}, ${column}: ${problem}`],
      ),
    )
  }

  get tried(): number {
    return [...this.#rows.values()].flatMap(cells => [...cells.values()]).filter(each => !each.text.startsWith('–'))
      .length
  }

  toMarkdown(): string {
    const rows = [...this.#rows].map(
      ([row, cells]) => `| ${row} | ${this.#columns.map(each => cells.get(each)?.text ?? '–').join(' | ')} |`,
    )
    return [
      `## ${this.title}`,
      '',
      `| | ${this.#columns.join(' | ')} |`,
      `| --- |${' --- |'.repeat(this.#columns.length)}`,
      ...rows,
      '',
      ...(this.#note === undefined ? [] : [this.#note, '']),
    ].join('\n')
  }
}

/** @throws Error with both values when they are not the same */
export function mustEqual(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return
  throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
}

/** @throws Error unless it holds */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

/** Runs something that must be refused, and answers the status. */
export async function statusOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing
  } catch (error) {
    const status = (error as { status?: string }).status
    if (status === undefined) throw error
    return status
  }
  return 'OK'
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come true in ${timeoutMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
