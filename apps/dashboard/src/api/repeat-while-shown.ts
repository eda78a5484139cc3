/** Something that is done again and again. */
export interface Repeated {
  /** Does it now, and begins the wait anew. */
  now(): void
  stop(): void
}

/** Repeats a task while the page is shown; a tab in the background asks the relay for nothing. The next wait begins when the task has ended. */
export function repeatWhileShown(everyMs: number, task: () => Promise<void>): Repeated {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isRunning = false
  let isWantedAgain = false
  let isStopped = false
  const run = async (): Promise<void> => {
    clearTimeout(timer)
    if (isStopped || document.hidden) return
    if (isRunning) {
      isWantedAgain = true
      return
    }
    isRunning = true
    await task().catch(() => {})
    isRunning = false
    if (isWantedAgain) {
      isWantedAgain = false
      void run()
    } else if (!isStopped) {
      timer = setTimeout(() => void run(), everyMs)
    }
  }
  const onVisible = (): void => void run()
  document.addEventListener('visibilitychange', onVisible)
  void run()
  return {
    now: () => void run(),
    stop() {
      isStopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    },
  }
}
