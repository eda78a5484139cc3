/** Resolves when something has ended, or failed to, or has taken too long: nobody else may keep us from ending. */
export async function endWithin(timeoutMs: number, work: Promise<unknown> | undefined): Promise<void> {
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, timeoutMs)
  await Promise.race([work, over.promise]).catch(() => {})
  clearTimeout(timer)
}
