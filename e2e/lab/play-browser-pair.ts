import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Browser } from '@playwright/test'

import { systemBrowser } from '../../scripts/browsers.mjs'
import { launch } from '../harness/browsers.ts'
import { Player, playOn } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'
import type { PairResult } from './pair-result.ts'
import { type PublicRelay, relayUrl } from './public-relay.ts'
import { type SiteKind, canBeDirect } from './site-kinds.ts'
import type { Site } from './site.ts'

/** The page says nothing of attempts that failed: a line that is not there after so long is taken for impossible. */
const verdictMs = 20_000

/** One end of a pair. */
export interface BrowserEnd {
  readonly kind: SiteKind
  readonly site: Site
}

/** Two people with Chromium, each at their site, open the page, meet by an invite, and play to the end. */
export async function playBrowserPair(
  ends: readonly [BrowserEnd, BrowserEnd],
  relay: PublicRelay,
): Promise<PairResult> {
  const expected = canBeDirect(ends[0].site.traits, ends[1].site.traits) ? 'direct' : 'relayed'
  const game = readRealGame('nine-by-nine')
  const folder = await mkdtemp(join(tmpdir(), 'tsugi-lab-'))
  const browsers: Browser[] = []
  const people: Player[] = []
  let problem: string | undefined
  let isPlayed = false
  let firstMessageMs: number | undefined
  let directMs: number | undefined
  try {
    for (const { site } of ends) {
      const browser = await launchAt(site, folder)
      browsers.push(browser)
      people.push(await Player.arrive(browser, site.name))
    }
    const [black, white] = people as [Player, Player]
    const link = await black.createGame(relayUrl(relay, ends[0].site), { color: 'Black' })
    await black.expectRelay('ready')
    const startedAt = performance.now()
    await white.open(link)
    await Promise.all(people.map(person => person.expectPhase('playing')))
    firstMessageMs = performance.now() - startedAt
    if (expected === 'direct') {
      await Promise.all(people.map(person => person.expectLine('direct')))
      directMs = performance.now() - startedAt
    } else {
      await black.page
        .locator('[data-testid=line][data-kind=direct]')
        .waitFor({ timeout: verdictMs })
        .then(
          () => (problem = 'a direct line where none was thought possible'),
          () => undefined,
        )
      await Promise.all(people.map(person => person.expectLine('relayed')))
    }
    await playOn(game, { from: 0, to: 6 }, black, white)
    await white.press('Resign')
    await white.page.getByRole('dialog').getByRole('button', { name: 'Resign', exact: true }).click()
    await Promise.all(people.map(person => person.expectPhase('over')))
    isPlayed = (await black.position()) === (await white.position())
  } catch (error) {
    problem = `${error instanceof Error ? error.message : String(error)}\n${people.flatMap(({ complaints }) => complaints).join('\n')}`
  }
  const kinds = await Promise.all(
    people.map(({ page }) =>
      page
        .getByTestId('line')
        .getAttribute('data-kind', { timeout: 1_000 })
        .catch(() => null),
    ),
  )
  for (const browser of browsers) await browser.close().catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
  const line = kinds.every(kind => kind === 'direct')
    ? 'direct'
    : kinds.every(kind => kind === 'relayed')
      ? 'relayed'
      : 'none'
  return {
    sites: [ends[0].kind, ends[1].kind],
    players: 'Chromium',
    expected,
    line,
    firstMessageMs,
    directMs,
    isPlayed,
    problem,
  }
}

/** Playwright starts a program by its path alone, so there is a script that starts the browser at its site. */
async function launchAt(site: Site, folder: string): Promise<Browser> {
  const [program, args] = site.command(systemBrowser('chromium') ?? 'chromium', [])
  const script = join(folder, `chromium-${site.name}`)
  await writeFile(script, `#!/bin/sh\nexec '${program}' ${args.map(word => `'${word}'`).join(' ')} "$@"\n`)
  await chmod(script, 0o755)
  return launch('chromium', [], script)
}
