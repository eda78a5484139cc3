/** What has to be ended, the last that was begun first. */
export class Closers {
  readonly #closers: Array<() => unknown> = []

  /** @param deadlineMs - it must not hold up the end of the others for longer; by default there is no such limit */
  add(close: () => unknown, deadlineMs?: number): void {
    this.#closers.push(deadlineMs === undefined ? close : () => withinMs(deadlineMs, Promise.resolve(close())))
  }

  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close()
  }
}

async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, deadline]).finally(() => clearTimeout(timer))
}
