// `pnpm screenshots`: makes the pictures of the README from a real game between two real browsers.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { launch } from './harness/browsers.ts'
import { Player, playOn } from './harness/player.ts'
import { readRealGame } from './harness/real-game.ts'
import { RelayProcess } from './harness/relay-process.ts'

const images = fileURLToPath(new URL('../docs/images', import.meta.url))
mkdirSync(images, { recursive: true })

const game = readRealGame('nine-by-nine')
const relay = await RelayProcess.start()
const browser = await launch('chromium')
const black = await Player.arrive(browser, 'Honoka', {
  colorScheme: 'light',
  viewport: { width: 1180, height: 800 },
  deviceScaleFactor: 1.5,
})
const white = await Player.arrive(browser, 'Shun', {
  colorScheme: 'dark',
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
})

const link = await black.createGame(relay.url, { color: 'Black', ruleset: 'Chinese', komi: 7 })
await black.page.screenshot({ path: `${images}/invite.png` })
await white.open(link)
await black.expectPhase('playing')
await white.expectPhase('playing')
await playOn(game, { from: 0, to: 31 }, black, white)
await black.expectLine('direct')
await white.expectLine('direct')
await black.page.screenshot({ path: `${images}/desktop.png` })
await white.page.screenshot({ path: `${images}/phone.png` })

// Both on one sheet, as the README shows them.
const sheet = await browser.newPage({ viewport: { width: 1500, height: 860 }, deviceScaleFactor: 1 })
const [desktop, phone] = await Promise.all([black.page.screenshot(), white.page.screenshot()])
await sheet.setContent(`<style>
  body { margin: 0; height: 860px; display: flex; gap: 40px; align-items: center; justify-content: center; background: #d9d4c8 }
  img { border-radius: 14px; box-shadow: 0 18px 50px rgb(0 0 0 / 25%) }
</style>
<img height="690" src="data:image/png;base64,${desktop.toString('base64')}">
<img height="760" src="data:image/png;base64,${phone.toString('base64')}">`)
await sheet.screenshot({ path: `${images}/game.png` })

await browser.close()
await relay.dispose()
