/** Where time comes from. */
export interface Timers {
  readonly now: () => number
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
  readonly clearTimeout: (handle: unknown) => void
}

/* oxlint-disable eslint/no-restricted-globals, eslint/no-restricted-properties -- the one place where injected time has its default */
/** The runtime's own clock and timers. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: handle => clearTimeout(handle as ReturnType<typeof setTimeout>),
}
/* oxlint-enable */
