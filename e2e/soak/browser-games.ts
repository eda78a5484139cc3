import type { Browser } from '@playwright/test'

import { launch } from '../harness/browsers.ts'
import { Player, playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'
import type { RelayProcess } from '../harness/relay-process.ts'

const game = readRealGame('nine-by-nine')

/** Two people whose pages stay open for as long as the soak does, and who play one game after another. */
export class LastingPages implements AsyncDisposable {
  readonly #browser: Browser
  readonly #people: readonly [Player, Player]

  private constructor(browser: Browser, people: readonly [Player, Player]) {
    this.#browser = browser
    this.#people = people
  }

  static async open(): Promise<LastingPages> {
    const browser = await launch('chromium')
    return new LastingPages(browser, [await Player.arrive(browser, 'Honoka'), await Player.arrive(browser, 'Shun')])
  }

  /** One game: some moves, White reloads, some more, White resigns; both boards must be equal throughout. */
  async play(relay: RelayProcess): Promise<void> {
    const [black, white] = this.#people
    const link = await black.createGame(relay.url, { color: 'Black' })
    await white.open(link)
    await black.expectPhase('playing')
    await white.expectPhase('playing')
    await playOn(game, { from: 0, to: 6 }, black, white)
    await white.reload()
    await white.expectPly(6)
    await playOn(game, { from: 6, to: 10 }, black, white)
    await white.press('Resign')
    await white.page.getByRole('dialog').getByRole('button', { name: 'Resign', exact: true }).click()
    await black.expectPhase('over')
    await white.expectPhase('over')
  }

  /** The script heap of both pages after a collection, in bytes, by the DevTools protocol. */
  async heapBytes(): Promise<number> {
    let sum = 0
    for (const { page } of this.#people) {
      const session = await page.context().newCDPSession(page)
      await session.send('HeapProfiler.collectGarbage')
      const { usedSize } = await session.send('Runtime.getHeapUsage')
      sum += usedSize
      await session.detach()
    }
    return Math.round(sum)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
  }
}
