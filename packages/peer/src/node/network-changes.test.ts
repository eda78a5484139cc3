import { TaskGroup } from '@tsugi/bounded'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'

import { followNetwork } from './network-changes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function follow() {
  const tasks = new TaskGroup()
  onTestFinished(() => tasks.stop())
  const onChange = vi.fn()
  followNetwork(tasks, onChange)
  return { onChange, tasks }
}

it('a machine that slept is noticed at the first tick after it woke, once [B10]', async () => {
  const { onChange } = follow()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(onChange).not.toHaveBeenCalled()
  // Timers stand still in a sleep; the clock goes on.
  vi.setSystemTime(Date.now() + 60 * 60_000)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(onChange).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(onChange).toHaveBeenCalledTimes(1)
})

it('a tick that is only a little late, as in a tab in the background, is no sleep', async () => {
  const { onChange } = follow()
  for (let tick = 0; tick < 5; tick += 1) {
    vi.setSystemTime(Date.now() + 14_000)
    await vi.advanceTimersByTimeAsync(5_000)
  }
  expect(onChange).not.toHaveBeenCalled()
})

it('a browser tells that it is online, and that the page is looked at again, until the peer stops', async () => {
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  const { onChange, tasks } = follow()
  for (const type of ['online', 'pageshow', 'focus']) page.dispatchEvent(new Event(type))
  expect(onChange).toHaveBeenCalledTimes(3)
  await tasks.stop()
  page.dispatchEvent(new Event('online'))
  expect(onChange).toHaveBeenCalledTimes(3)
})
