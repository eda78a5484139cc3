import type { CDPSession, Page } from '@playwright/test'

import { expect, test } from '../harness/fixtures.ts'

const waves = 6
const topicsAWave = 40
/** Code that is compiled late, and caches that fill, are part of the first waves. */
const warmUp = 3
const toleranceBytes = 1_500_000

/** Joins and leaves topics with the page's own peer, which the inspector holds. */
async function joinAndLeave(page: Page, wave: number): Promise<void> {
  await page.evaluate(
    async ({ first, count }) => {
      type Topics = {
        join(name: string): Promise<{ leave(): Promise<void>; publish(data: Uint8Array): Promise<unknown> }>
      }
      const { peer } = document.querySelector('tsugi-inspector') as unknown as { peer: { topics: Topics } }
      for (let at = first; at < first + count; at += 4) {
        const topics = await Promise.all([0, 1, 2, 3].map(more => peer.topics.join(`churn-${at + more}`)))
        await Promise.all(topics.map(topic => topic.publish(new Uint8Array(1_000))))
        await Promise.all(topics.map(topic => topic.leave()))
      }
    },
    { first: wave * topicsAWave, count: topicsAWave },
  )
}

async function heapAfterCollection(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { metrics } = await devtools.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0
}

test('C11: a tab in which topics come and go holds none of them afterwards, and its heap stays flat', async ({
  relay,
  arrive,
}) => {
  const { page } = await arrive('Kaoru')
  await page.goto(`http://127.0.0.1:${relay.port}/?inspect`)
  const inspector = page.getByRole('region', { name: 'Network inspector' })
  await expect(inspector.getByRole('row', { name: /reserved/ }).first()).toBeVisible()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  await devtools.send('HeapProfiler.enable')
  const heap: number[] = []
  for (let wave = 0; wave < waves; wave += 1) {
    await joinAndLeave(page, wave)
    heap.push(await heapAfterCollection(devtools))
  }
  await expect(inspector.getByRole('row', { name: 'topics joined 0' })).toBeVisible()
  await expect(inspector.getByRole('row', { name: 'topics handles 0' })).toBeVisible()
  await expect(inspector.getByRole('row', { name: 'gossip topics 0' })).toBeVisible()
  console.log(`heap after each wave, in kB: ${heap.map(bytes => Math.round(bytes / 1_000)).join(' ')}`)
  expect((heap.at(-1) ?? 0) - (heap[warmUp - 1] ?? 0)).toBeLessThan(toleranceBytes)
})
