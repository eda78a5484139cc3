import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { type Peer, type Topic, createPeer } from '@tsugi/peer'

import type { BrowserName } from '../harness/browsers.ts'
import { expect, test as base } from '../harness/fixtures.ts'
import { RelayProcess } from '../harness/relay-process.ts'

const token = 'a-token-for-this-test-alone'

/** A relay whose token is known, peers of one app on one topic, and a browser that signs in. */
const test = base.extend<{
  guarded: RelayProcess
  guests: (count: number) => Promise<Peer[]>
  brought: BrowserName
  operator: Page
}>({
  brought: ['chromium', { option: true }],

  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the parameter's shape
  guarded: async ({}, use, testInfo) => {
    const relay = await RelayProcess.start('--admin-token', token)
    await use(relay)
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('relay.log', { body: relay.log })
    await relay.dispose()
  },
  guests: async ({ guarded }, use) => {
    const peers: Peer[] = []
    // A handle that nothing holds is collected, and its topic left.
    const topics: Topic[] = []
    await use(async count => {
      for (let index = 0; index < count; index += 1) {
        const peer = await createPeer({
          app: 'dashboard-test',
          relays: [guarded.url],
          identity: 'memory',
          // Without a direct line their circuit stays.
          webrtc: false,
        })
        peers.push(peer)
        topics.push(await peer.topics.join('a-table'))
      }
      return peers
    })
    for (const peer of peers) await peer.stop()
  },
  operator: async ({ browsers, brought }, use, testInfo) => {
    const context = await (await browsers(brought, [])).newContext()
    const page = await context.newPage()
    await use(page)
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('dashboard.png', { body: await page.screenshot(), contentType: 'image/png' })
    }
    await context.close()
  },
})

async function signIn(page: Page, relay: RelayProcess): Promise<void> {
  await page.goto(`${relay.url}/dashboard`)
  await page.getByLabel('Admin token').fill(token)
  await page.getByRole('button', { name: 'Open the dashboard' }).click()
  await expect(page.getByTestId('status')).toHaveText('Serving')
}

test('B8: an operator signs in, sees a circuit live, closes it, bans a peer, and the peer is gone', async ({
  guarded,
  guests,
  operator: page,
}) => {
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(`${guarded.url}/dashboard`)
  await page.getByLabel('Admin token').fill('not-the-token')
  await page.getByRole('button', { name: 'Open the dashboard' }).click()
  await expect(page.getByRole('alert')).toHaveText('That is not this relay’s admin token.')
  await signIn(page, guarded)
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await expect(page.getByTestId('value-peers')).toContainText('0')
  await expect(page.getByTestId('list-peers')).toContainText('Nobody is connected.')

  const [first] = await guests(2)
  if (first === undefined) throw new Error('nobody came')
  await expect(page.getByTestId('value-peers')).toContainText('2')
  const circuits = page.getByTestId('list-circuits')
  await expect(circuits.getByRole('cell', { name: 'connected', exact: true })).toBeVisible()
  await expect(circuits).toContainText('dashboard-test')
  await circuits
    .getByRole('button', { name: /^Close the circuit/ })
    .first()
    .click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
  await expect(page.getByTestId('spoken')).toHaveText('The circuit is closed.')
  await expect.poll(() => guarded.metric('tsugi_circuits_closed_total')).toBeGreaterThan(0)

  const end = first.id.slice(-8)
  await page.getByTestId('list-peers').getByLabel('Filter by peer id').fill(end)
  await expect(page.getByTestId('list-peers').getByRole('row')).toHaveCount(2)
  await page.getByRole('button', { name: `Ban …${end}` }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a ban' })
  await expect(dialog.getByLabel('Peer id')).toBeChecked()
  await dialog.getByLabel('Why').fill('for the test')
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
  await expect(page.getByTestId('list-bans')).toContainText('for the test')
  await expect(page.getByTestId('list-peers')).toContainText('Nothing matches')
  await expect.poll(async () => (await guarded.health()).relay.peers).toBe(1)

  await page.getByRole('button', { name: /^Lift the ban/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Lift', exact: true }).click()
  await expect(page.getByTestId('list-bans')).toContainText('Nobody is banned.')
  expect(complaints).toEqual([])
})

test.describe('in Firefox', () => {
  test.use({ brought: 'firefox' })

  test('B8: an operator signs in, sees who is there, and disconnects a peer', async ({
    guarded,
    guests,
    operator: page,
  }) => {
    await signIn(page, guarded)
    await guests(1)
    await expect(page.getByTestId('value-peers')).toContainText('1')
    await expect(page.locator('figure-chart canvas').first()).toBeVisible()
    await page.getByRole('button', { name: /^Disconnect/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect', exact: true }).click()
    await expect(page.getByTestId('spoken')).toHaveText('The peer is disconnected.')
    await expect.poll(() => guarded.metric('tsugi_reservations_ended_total')).toBe(1)
  })
})

test('B7: what cannot be banned is told where it was typed', async ({ guarded, operator: page }) => {
  await signIn(page, guarded)
  await page.getByRole('button', { name: 'Add a ban…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a ban' })
  await dialog.getByLabel('Network').check()
  await dialog.getByLabel('Who').fill('192.0.2.0/99')
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('192.0.2.0/99')
  await dialog.getByLabel('Who').fill('192.0.2.9/24')
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
  await expect(page.getByTestId('list-bans')).toContainText('192.0.2.0/24')
})

test('B8: the dashboard says that the relay is away, goes on when it is back, and knows what was before', async ({
  guarded,
  guests,
  operator: page,
}) => {
  await signIn(page, guarded)
  await guests(1)
  await expect(page.getByTestId('value-peers')).toContainText('1')
  await page.request.get(`${guarded.url}/api/v1/stats`, { headers: { Authorization: 'Bearer wrong' } })
  // By its reason: whoever dials while the relay ends is refused too.
  const wrongTokens = (): Promise<number> => guarded.metric('tsugi_refusals_total{reason="admin/wrong-token"}')
  await expect.poll(wrongTokens).toBe(1)
  await guarded.stop()
  await expect(page.getByTestId('offline')).toBeVisible()
  await guarded.restart()
  await expect(page.getByTestId('status')).toHaveText('Serving')
  await expect(page.getByTestId('offline')).toHaveCount(0)
  await expect(page.getByTestId('value-peers')).toContainText('1')
  expect(await wrongTokens()).toBe(1)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByLabel('Admin token')).toBeVisible()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`B8: no fault that axe can find on the dashboard, desktop and phone, ${colorScheme}`, async ({
    guarded,
    guests,
    operator: page,
  }) => {
    const faults = async (): Promise<string[]> => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`))
    }
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto(`${guarded.url}/dashboard`)
    expect(await faults(), 'the way in').toEqual([])
    await signIn(page, guarded)
    expect(await faults(), 'nobody there').toEqual([])
    await guests(2)
    await expect(page.getByTestId('list-peers').getByRole('row')).toHaveCount(3)
    expect(await faults(), 'desktop').toEqual([])
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await faults(), 'phone').toEqual([])
    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(isTooWide).toBe(false)
    await page.getByRole('button', { name: 'Add a ban…' }).click()
    expect(await faults(), 'dialog').toEqual([])
  })
}
