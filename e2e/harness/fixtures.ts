import { type Browser, test as base } from '@playwright/test'

import { type BrowserName, launch } from './browsers.ts'
import { Player } from './player.ts'
import { RelayProcess } from './relay-process.ts'

interface Fixtures {
  /** A relay of the test's own, ended with it. */
  readonly relay: RelayProcess
  /** Brings a person with a fresh browser profile; closed with the test. */
  readonly arrive: (name: string, options?: { browser?: BrowserName; args?: readonly string[] }) => Promise<Player>
  /** Honoka, who has Black, and Shun in a game of nine lines that has just begun. */
  readonly seated: readonly [Player, Player]
}

/** Playwright's `test` with a real relay process and as many people as a test asks for. */
export const test = base.extend<
  Fixtures,
  { browsers: (name: BrowserName, args: readonly string[]) => Promise<Browser> }
>({
  browsers: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the parameter's shape
    async ({}, use) => {
      const running = new Map<string, Promise<Browser>>()
      await use((name, args) => {
        const key = `${name} ${args.join(' ')}`
        const browser = running.get(key) ?? launch(name, args)
        running.set(key, browser)
        return browser
      })
      for (const browser of running.values()) await (await browser).close()
    },
    { scope: 'worker' },
  ],

  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the parameter's shape
  relay: async ({}, use, testInfo) => {
    const relay = await RelayProcess.start()
    await use(relay)
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('relay.log', { body: relay.log })
    await relay.dispose()
  },

  arrive: async ({ browsers }, use, testInfo) => {
    const people: Player[] = []
    await use(async (name, options = {}) => {
      const player = await Player.arrive(await browsers(options.browser ?? 'chromium', options.args ?? []), name)
      people.push(player)
      return player
    })
    for (const player of people) {
      if (testInfo.status !== testInfo.expectedStatus) {
        for (const [index, page] of player.context.pages().entries()) {
          const picture = await page.screenshot().catch(() => undefined)
          if (picture) await testInfo.attach(`${player.name}-${index}.png`, { body: picture, contentType: 'image/png' })
        }
        await testInfo.attach(`${player.name}.console`, { body: player.complaints.join('\n') })
      }
      await player.context.close().catch(() => undefined)
    }
  },

  seated: async ({ relay, arrive }, use) => {
    const black = await arrive('Honoka')
    const white = await arrive('Shun')
    await white.open(await black.createGame(relay.url, { color: 'Black' }))
    await black.expectPhase('playing')
    await white.expectPhase('playing')
    await use([black, white])
  },
})

export { expect } from '@playwright/test'
