import { readFile } from 'node:fs/promises'

import { type Browser, type BrowserContext, type Page, expect } from '@playwright/test'

/** What a player chooses before a game. */
export interface Choice {
  readonly size?: number
  readonly color?: 'Black' | 'White' | 'Random'
  readonly name?: string
  readonly ruleset?: string
  readonly komi?: number
}

/** A person with a browser of their own, in front of the page. Acts through what a person can see and reach. */
export class Player {
  readonly context: BrowserContext
  page: Page
  readonly name: string
  /** What the page complained about in its console; a test may look at it. */
  readonly complaints: string[] = []

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name
    this.context = context
    this.page = page
    this.#listen(page)
  }

  #listen(page: Page): void {
    page.on('pageerror', error => this.complaints.push(`${error}`))
    page.on('console', message => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
  }

  /** A new person: a context with storage of its own. */
  static async arrive(
    browser: Browser,
    name: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Player> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    return new Player(name, context, await context.newPage())
  }

  /** A second tab in the same browser: same storage. */
  async openTab(name: string): Promise<Player> {
    return new Player(name, this.context, await this.context.newPage())
  }

  /** Closes the tab and opens a new one in the same browser, as one who comes back the next day. */
  async comeBack(): Promise<void> {
    await this.page.close()
    this.page = await this.context.newPage()
    this.#listen(this.page)
  }

  /** The tab's process ends on the spot, and nothing is said to anybody; then it is opened again. Chromium only. */
  async crash(): Promise<void> {
    const address = this.page.url()
    const crashed = this.page.waitForEvent('crash')
    const session = await this.context.newCDPSession(this.page)
    // Nobody is left to answer it.
    session.send('Page.crash').catch(() => {})
    await crashed
    await this.comeBack()
    await this.page.goto(address)
  }

  async createGame(url: string, choice: Choice = {}): Promise<string> {
    await this.page.goto(url)
    const form = this.page.getByRole('form', { name: 'New game' })
    const size = choice.size ?? 9
    // The radios are drawn as a bar: a person clicks what is written on it.
    await form.getByText(`${size} × ${size}`, { exact: true }).click()
    await form.getByText(choice.color ?? 'Black', { exact: true }).click()
    await form.getByLabel('Your name').fill(choice.name ?? this.name)
    if (choice.ruleset !== undefined || choice.komi !== undefined) {
      await form.locator('summary').click()
      if (choice.ruleset !== undefined) await form.getByLabel('Rule set').selectOption(choice.ruleset)
      if (choice.komi !== undefined) {
        await form.getByLabel('Komi').fill(`${choice.komi}`)
        await form.getByLabel('Komi').press('Tab')
      }
    }
    await form.getByRole('button', { name: 'Create game' }).click()
    const link = this.page.getByTestId('invite-link')
    await expect(link).toBeVisible()
    return link.inputValue()
  }

  /** Opens a link: an invite, a watch link, or the own game again. */
  async open(link: string): Promise<void> {
    await this.page.goto(link)
  }

  async reload(): Promise<void> {
    await this.page.reload()
  }

  get board() {
    return this.page.getByTestId('board')
  }

  /** The board as `.XO`, row by row from the top. */
  async position(): Promise<string> {
    return (await this.board.getAttribute('data-position')) ?? ''
  }

  async expectPly(ply: number): Promise<void> {
    await expect(this.board, `${this.name} sees move ${ply}`).toHaveAttribute('data-ply', `${ply}`)
  }

  async expectPosition(position: string): Promise<void> {
    await expect(this.board, `${this.name}'s board`).toHaveAttribute('data-position', position)
  }

  async expectPhase(phase: string): Promise<void> {
    await expect(this.page.getByTestId('phase'), `${this.name}'s game`).toHaveAttribute('data-phase', phase)
  }

  async expectLine(kind: 'direct' | 'relayed' | 'offline', timeout = 60_000): Promise<void> {
    await expect(this.page.getByTestId('line'), `${this.name}'s line`).toHaveAttribute('data-kind', kind, { timeout })
  }

  async expectRelay(state: string, timeout = 60_000): Promise<void> {
    await expect(this.page.getByTestId('relay-status'), `${this.name}'s relay`).toHaveAttribute('data-state', state, {
      timeout,
    })
  }

  async watchLink(): Promise<string> {
    const fold = this.page.locator('details.watch > summary')
    if (await fold.isVisible()) await fold.click()
    return this.page.getByTestId('watch-link').inputValue()
  }

  /** Plays a point by the coordinate field, or passes with its confirmation. */
  async play(move: string): Promise<void> {
    if (move === 'pass') {
      await this.page.getByRole('button', { name: 'Pass', exact: true }).click()
      await this.page.getByRole('dialog').getByRole('button', { name: 'Pass', exact: true }).click()
      return
    }
    const field = this.page.getByLabel('Coordinate')
    await field.fill(move)
    await field.press('Enter')
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click()
  }

  /** Downloads the record of the game, as a person would. */
  async downloadSgf(): Promise<string> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.press('SGF')])
    return readFile(await download.path(), 'utf8')
  }

  async leave(): Promise<void> {
    await this.context.close()
  }
}

/** Plays moves of a real game in turn; after each, every board given must show the same. */
export async function playOn(
  game: { readonly moves: readonly string[]; readonly positions: readonly string[] },
  range: { readonly from: number; readonly to: number },
  black: Player,
  white: Player,
  watchers: readonly Player[] = [],
): Promise<void> {
  for (let ply = range.from; ply < range.to; ply++) {
    const mover = ply % 2 === 0 ? black : white
    await mover.play(game.moves[ply]!)
    for (const player of [black, white, ...watchers]) {
      await player.expectPly(ply + 1)
      await player.expectPosition(game.positions[ply]!)
    }
  }
}
