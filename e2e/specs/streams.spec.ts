import { expect, test } from '../harness/fixtures.ts'
import type { RelayProcess } from '../harness/relay-process.ts'
import { BrowserPeer, PeerPage } from '../interop/browser/browser-peer.ts'

const address = ({ ready }: RelayProcess): string =>
  ready.multiaddrs.find(each => each.includes('/ws') && !each.includes('webrtc')) ?? ''

for (const [opener, acceptor] of [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
] as const) {
  test(`E7 C8: a stream that ${opener} opens to ${acceptor} moves onto the direct line, and every byte arrives once`, async ({
    relay,
  }) => {
    await using page = await PeerPage.serve()
    await using one = await BrowserPeer.start(opener, page.url, address(relay), true)
    await using other = await BrowserPeer.start(acceptor, page.url, address(relay), true)
    await other.do('echo')
    for (const each of [one, other]) await each.do('join', 'streams')
    await expect.poll(() => one.do('kind', other.id)).toMatch(/relayed|direct/)
    const { wrong, routes } = await one.do('exchange', other.id, 12_000_000)
    expect(wrong).toBe('')
    expect(routes.at(-1)).toBe('direct')
  })
}

test('E7 B10: a stream between Chromium and Firefox goes on when the relay is killed under it and comes back', async ({
  relay,
}) => {
  await using page = await PeerPage.serve()
  await using one = await BrowserPeer.start('chromium', page.url, address(relay), false)
  await using other = await BrowserPeer.start('firefox', page.url, address(relay), false)
  await other.do('echo')
  for (const each of [one, other]) await each.do('join', 'streams')
  await expect.poll(() => one.do('kind', other.id)).toBe('relayed')
  const length = 6_000_000
  const exchange = one.do('exchange', other.id, length)
  await expect.poll(() => one.do('exchanged')).toBeGreaterThan(500_000)
  await relay.kill()
  expect(await one.do('exchanged')).toBeLessThan(length)
  await relay.restart()
  const { wrong, routes } = await exchange
  expect(wrong).toBe('')
  expect(routes.length).toBeGreaterThan(1)
})
