import { type Page, test as base } from '@playwright/test'

import { expect, test } from '../harness/fixtures.ts'
import { type Player, playOn } from '../harness/player.ts'
import { hasOtherAddress, quicUnavailable, startQuicRelay } from '../harness/quic-relay.ts'
import { readRealGame } from '../harness/real-game.ts'
import type { RelayProcess } from '../harness/relay-process.ts'

const game = readRealGame('nine-by-nine')
const token = 'a-token-for-this-test-alone'

type Transport = 'webtransport' | 'websocket' | 'webrtc-direct'

const transportTest = test.extend<{ quicRelay: RelayProcess }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the parameter's shape
  quicRelay: async ({}, use, testInfo) => {
    base.skip(quicUnavailable !== undefined, quicUnavailable)
    const relay = await startQuicRelay('--admin-token', token)
    await use(relay)
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('relay.log', { body: relay.log })
    await relay.dispose()
  },
})

/**
 * An invite at loopback. The page puts this machine's address in the network into its invites, so that others can open them; there the page is on
 * an insecure origin and has no WebTransport.
 */
async function inviteTo(relay: RelayProcess, creator: Player): Promise<string> {
  const link = await creator.createGame(relay.url, { color: 'Black' })
  return link.replace(new URL(link).origin, relay.url)
}

/** How each peer of a relay came, as its operator sees it. */
async function transportsAt(relay: RelayProcess): Promise<string[]> {
  const answer = await fetch(`${relay.url}/api/v1/peers`, { headers: { Authorization: `Bearer ${token}` } })
  const { items } = (await answer.json()) as { items: Array<{ transports: string[] }> }
  return items.flatMap(each => each.transports)
}

/** Takes all ways but one from a browser, as a network or an old browser would. */
async function allowOnly(player: Player, transport: Transport): Promise<void> {
  await player.context.addInitScript(only => {
    const globals = globalThis as Record<string, unknown>
    if (only !== 'webtransport') delete globals['WebTransport']
    if (only !== 'websocket') {
      globals['WebSocket'] = function WebSocket(): never {
        throw new Error('There is no WebSocket here.')
      }
    }
    if (only !== 'webrtc-direct') delete globals['RTCPeerConnection']
  }, transport)
}

for (const browser of ['chromium', 'firefox'] as const) {
  for (const transport of ['webtransport', 'websocket', 'webrtc-direct'] as const) {
    transportTest(`F6: ${browser} joins by ${transport} alone, and plays`, async ({ quicRelay, arrive }) => {
      const needsAddress = browser === 'firefox' && transport === 'webrtc-direct'
      base.skip(needsAddress && !hasOtherAddress, 'Firefox leaves loopback out of ICE, and there is no other address')
      const black = await arrive('Honoka', { browser })
      const white = await arrive('Shun', { browser })
      for (const player of [black, white]) await allowOnly(player, transport)
      await white.open(await inviteTo(quicRelay, black))
      await black.expectPhase('playing')
      await white.expectPhase('playing')
      await playOn(game, { from: 0, to: 4 }, black, white)
      expect(new Set(await transportsAt(quicRelay))).toEqual(new Set([transport]))
    })
  }

  transportTest(
    `F6: ${browser} loses WebTransport in mid-game, and goes on by another`,
    async ({ quicRelay, arrive }) => {
      const black = await arrive('Honoka', { browser })
      const white = await arrive('Shun', { browser })
      for (const player of [black, white]) await recordSessions(player)
      await white.open(await inviteTo(quicRelay, black))
      await black.expectPhase('playing')
      await white.expectPhase('playing')
      await playOn(game, { from: 0, to: 4 }, black, white)
      expect(await transportsAt(quicRelay)).toContain('webtransport')
      for (const player of [black, white]) await forbidSessions(player.page)
      await expect.poll(() => transportsAt(quicRelay), { timeout: 30_000 }).not.toContain('webtransport')
      await playOn(game, { from: 4, to: 10 }, black, white)
      await expect.poll(() => transportsAt(quicRelay), { timeout: 30_000 }).toEqual(['websocket', 'websocket'])
    },
  )
}

transportTest('F6: a page that is loaded again dials first by what worked before', async ({ quicRelay, arrive }) => {
  const black = await arrive('Honoka', { browser: 'chromium' })
  await black.context.addInitScript(() => {
    const globals = globalThis as unknown as { dials: string[]; WebSocket: typeof WebSocket; WebTransport: unknown }
    const Native = globals.WebSocket
    globals.dials = []
    globals.WebSocket = class extends Native {
      constructor(...rest: ConstructorParameters<typeof WebSocket>) {
        super(...rest)
        globals.dials.push('websocket')
      }
    }
    globals.WebTransport = function WebTransport(): never {
      globals.dials.push('webtransport')
      throw new Error('The network lets no UDP through.')
    }
  })
  await inviteTo(quicRelay, black)
  const { page } = black
  const firstDial = (): Promise<string | undefined> =>
    page.evaluate(() => (globalThis as unknown as { dials: string[] }).dials[0])
  expect(await firstDial()).toBe('webtransport')
  await expect.poll(() => transportsAt(quicRelay)).toEqual(['websocket'])
  // As when the page is hidden: then the book is written.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await expect.poll(() => keptTransports(page)).toEqual(['websocket'])
  await page.reload()
  await expect.poll(firstDial).toBe('websocket')
})

/** By which transports the page's book says that relays were reached. */
function keptTransports(page: Page): Promise<string[]> {
  return page.evaluate(
    () =>
      new Promise<string[]>(resolve => {
        const opening = indexedDB.open('tsugi-book')
        opening.addEventListener('success', () => {
          const reading = opening.result.transaction('books').objectStore('books').getAll()
          reading.addEventListener('success', () => {
            opening.result.close()
            const books = reading.result as Array<{ ways: Array<[string, string, number]> }>
            resolve(books.flatMap(({ ways }) => ways.map(([, transport]) => transport)))
          })
        })
      }),
  )
}

/** Keeps a page's sessions at hand, so that the test can end them. */
async function recordSessions(player: Player): Promise<void> {
  await player.context.addInitScript(() => {
    const globals = globalThis as unknown as { WebTransport?: new (...rest: unknown[]) => { close(): void } } & {
      sessions: Array<{ close(): void }>
    }
    const Native = globals.WebTransport
    if (Native === undefined) return
    globals.sessions = []
    globals.WebTransport = class extends Native {
      constructor(...rest: unknown[]) {
        super(...rest)
        globals.sessions.push(this)
      }
    }
  })
}

/** UDP is gone for good: the sessions end, and no new one comes about. */
async function forbidSessions(page: Page): Promise<void> {
  await page.evaluate(() => {
    const globals = globalThis as unknown as { WebTransport?: unknown; sessions: Array<{ close(): void }> }
    delete globals.WebTransport
    for (const session of globals.sessions) session.close()
  })
}
