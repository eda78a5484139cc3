import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { aptCommand } from './apt.mjs'
import { giveUp, projectNode, root, run, say } from './run.mjs'

const places = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
}

/** Where a browser of the system is, or undefined. `TSUGI_CHROMIUM` and `TSUGI_FIREFOX` name one by hand. */
export function systemBrowser(name) {
  const named = process.env[`TSUGI_${name.toUpperCase()}`]
  if (named !== undefined && named !== '') return named
  return places[name].find(path => existsSync(path))
}

/**
 * Makes sure that Chromium and Firefox are here: the system's, else Debian's by apt where this user may install packages,
 * else Playwright's own builds.
 */
export async function installBrowsers() {
  if (systemBrowser('chromium') && systemBrowser('firefox')) return
  const apt = aptCommand()
  if (apt !== undefined) {
    say('Installing Chromium and Firefox ESR from Debian’s packages')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await run(apt[0], [...apt.slice(1), 'update', '-qq'], { env })
    for (const name of ['chromium', 'firefox-esr']) {
      // One by one: Ubuntu has no firefox-esr, and Chromium alone is still worth having.
      await run(apt[0], [...apt.slice(1), 'install', '-y', '-qq', '--no-install-recommends', name], { env })
    }
  }
  const missing = ['chromium', 'firefox'].filter(name => systemBrowser(name) === undefined)
  if (missing.length === 0) return
  say(`Installing Playwright’s ${missing.join(' and ')}`)
  const cli = join(root, 'node_modules/@playwright/test/cli.js')
  const code = await run(projectNode(), [cli, 'install', ...missing])
  if (code !== 0) {
    giveUp(
      `No ${missing.join(' and ')} here, and neither apt nor Playwright could install it. ` +
        'Install it by hand, or name it: TSUGI_CHROMIUM=/path/to/chromium TSUGI_FIREFOX=/path/to/firefox npm test',
    )
  }
}
