import type { ListenerTarget, TaskGroup } from '@tsugi/bounded'

const tickMs = 5_000
/** A timer that comes so much too late has slept with its machine, or its tab was frozen. */
const sleepMs = 15_000
const pageEvents = ['online', 'pageshow', 'focus'] as const

/** Calls back when the network may have come back: the browser says so, the page is looked at again, or the machine has slept. */
export function followNetwork(tasks: TaskGroup, onChange: () => void): void {
  const page = globalThis as Partial<ListenerTarget<Event>>
  if (typeof page.addEventListener === 'function' && typeof page.removeEventListener === 'function') {
    for (const type of pageEvents) tasks.listen(type, page as ListenerTarget<Event>, type, onChange)
  }
  let last = Date.now()
  tasks.interval('clock', tickMs, () => {
    const now = Date.now()
    const isLate = now - last > tickMs + sleepMs
    last = now
    if (isLate) onChange()
  })
}
