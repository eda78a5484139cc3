import { expect, test } from '../harness/fixtures.ts'

test('a developer sees relays, links and sizes with ?inspect, and nothing of it otherwise', async ({
  relay,
  arrive,
}) => {
  const { page, complaints } = await arrive('Kaoru')
  await page.goto(`http://127.0.0.1:${relay.port}/`)
  await expect(page.getByRole('heading').first()).toBeVisible()
  await expect(page.locator('tsugi-inspector')).toHaveCount(0)
  await page.goto(`http://127.0.0.1:${relay.port}/?inspect`)
  const inspector = page.getByRole('region', { name: 'Network inspector' })
  await expect(inspector.getByRole('row', { name: /reserved/ }).first()).toBeVisible()
  for (const title of ['Peer', 'Relays', 'Links', 'Topics', 'Sizes', 'Tasks']) {
    await expect(inspector.getByRole('heading', { name: title, exact: true })).toBeVisible()
  }
  // The page's own policy lets its styles in.
  await expect(inspector).toHaveCSS('font-size', '12px')
  await expect(inspector.getByRole('columnheader', { name: 'round trip' }).first()).toHaveCSS('white-space', 'nowrap')
  expect(complaints).toEqual([])
})
