// `pnpm bench`: the main job, measured on real parts: a relay process, and two Chromium processes' worth of real pages.
// `pnpm bench --games 10 --moves 40` takes more samples. Prints Markdown; docs/benchmarks.md holds a run of it.
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

import { type Page } from '@playwright/test'

import { launch } from '../harness/browsers.ts'
import { Player } from '../harness/player.ts'
import { readRealGame } from '../harness/real-game.ts'
import { RelayProcess } from '../harness/relay-process.ts'
import { weighPage } from './page-weight.ts'
import { spread } from './spread.ts'

const { values } = parseArgs({
  options: { games: { type: 'string', default: '5' }, moves: { type: 'string', default: '40' } },
})
const games = Number(values.games)
const moves = Number(values.moves)
const game = readRealGame('nine-by-nine')
const withoutUdp = ['--force-webrtc-ip-handling-policy=disable_non_proxied_udp']

/** Milliseconds since 1970 at which each attribute first had its value, noted by the page itself. */
type Marks = Record<string, number>

/** Installed before the page's own scripts: notes when the elements that a person looks at change. */
function watchPage(): void {
  const marks: Marks = {}
  Object.assign(globalThis, { benchMarks: marks })
  const now = (): number => performance.timeOrigin + performance.now()
  const watched = [
    ['[data-testid=relay-status]', 'data-state', 'relay'],
    ['[data-testid=phase]', 'data-phase', 'phase'],
    ['[data-testid=line]', 'data-kind', 'line'],
    ['[data-testid=line]', 'data-detail', 'detail'],
    ['[data-testid=board]', 'data-ply', 'ply'],
  ] as const
  const look = (): void => {
    for (const [selector, attribute, name] of watched) {
      const value = document.querySelector(selector)?.getAttribute(attribute)
      if (value !== null && value !== undefined) marks[`${name}:${value}`] ??= now()
    }
  }
  addEventListener(
    'keydown',
    event => {
      if (event.key === 'Enter') marks['enter'] = now()
    },
    { capture: true },
  )
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })
}

const readMarks = (page: Page): Promise<Marks> =>
  page.evaluate(() => (globalThis as unknown as { benchMarks: Marks }).benchMarks)
const pageStart = (page: Page): Promise<number> => page.evaluate(() => performance.timeOrigin)

const samples: Record<string, number[]> = {}
function note(name: string, value: number | undefined): void {
  if (value === undefined || Number.isNaN(value)) return
  ;(samples[name] ??= []).push(value)
}

for (const mode of ['direct', 'relayed'] as const) {
  const browser = await launch('chromium', mode === 'relayed' ? withoutUdp : [])
  const relay = await RelayProcess.start()
  for (let index = 0; index < games; index++) {
    const black = await Player.arrive(browser, 'Black')
    const white = await Player.arrive(browser, 'White')
    await black.context.addInitScript(watchPage)
    await white.context.addInitScript(watchPage)
    const link = await black.createGame(relay.url, { color: 'Black' })
    await black.expectRelay('ready')
    if (mode === 'direct') {
      const marks = await readMarks(black.page)
      note('page load → relay ready', marks['relay:ready']! - (await pageStart(black.page)))
    }
    await white.open(link)
    await black.expectPhase('playing')
    await white.expectPhase('playing')
    await white.expectRelay('ready')
    const opened = await pageStart(white.page)
    const [blackMarks, whiteMarks] = [await readMarks(black.page), await readMarks(white.page)]
    note('invite opened → board on screen', firstOf(whiteMarks, 'ply:') - opened)
    note('invite opened → both seated', Math.max(blackMarks['phase:playing']!, whiteMarks['phase:playing']!) - opened)
    if (mode === 'direct') {
      await black.expectLine('direct')
      await white.expectLine('direct')
      for (const player of [black, white]) {
        const marks = await readMarks(player.page)
        note('relayed → direct', marks['line:direct']! - (marks['line:relayed'] ?? marks['phase:playing']!))
      }
    }
    for (let ply = 0; ply < Math.min(moves, game.moves.length - 2); ply++) {
      const [mover, other] = ply % 2 === 0 ? [black, white] : [white, black]
      await mover.play(game.moves[ply]!)
      await other.expectPly(ply + 1)
      await mover.expectPly(ply + 1)
      const [from, to] = [await readMarks(mover.page), await readMarks(other.page)]
      note(`move → own screen, ${mode}`, from[`ply:${ply + 1}`]! - from['enter']!)
      note(`move → opponent’s screen, ${mode}`, to[`ply:${ply + 1}`]! - from['enter']!)
    }
    if (mode === 'relayed') await black.expectLine('relayed')
    await black.leave()
    await white.leave()
  }
  await relay.dispose()
  await browser.close()
}

function firstOf(marks: Marks, prefix: string): number {
  return Math.min(
    ...Object.entries(marks)
      .filter(([name]) => name.startsWith(prefix))
      .map(([, at]) => at),
  )
}

const weight = weighPage()
const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`
console.log(`Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}.
Relay, both pages and the driver share it; all traffic is loopback. ${games} games of ${moves} moves for each kind of line.

| what | samples | p50 | p99 | least – most |
| --- | --- | --- | --- | --- |
${Object.entries(samples)
  .map(([name, list]) => `| ${name} | ${spread(list)} |`)
  .join('\n')}

| page weight, gzip | |
| --- | --- |
| JavaScript, all of it | ${kilobytes(weight.javascript)} |
| JavaScript before the board | ${kilobytes(weight.firstJavascript)} |
| styles | ${kilobytes(weight.styles)} |
`)
