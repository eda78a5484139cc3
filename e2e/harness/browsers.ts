import { type Browser, type LaunchOptions, chromium, firefox } from '@playwright/test'

import { systemBrowser } from '../../scripts/browsers.mjs'

/** The browsers that a person may bring. */
export type BrowserName = 'chromium' | 'firefox'

const chromiumArgs = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]

/** Chromium may use UDP only through a proxy, and there is none: ICE has nothing to try, as behind a firewall that drops UDP. */
export const withoutUdp: readonly string[] = [
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
]

/**
 * Launches the system's browser headless, or Playwright's own where there is none.
 *
 * @param program - another one to start: a script that starts the browser somewhere else
 */
export async function launch(name: BrowserName, args: readonly string[] = [], program?: string): Promise<Browser> {
  const executablePath = program ?? systemBrowser(name)
  const options: LaunchOptions = executablePath === undefined ? {} : { executablePath }
  if (name === 'chromium') return chromium.launch({ ...options, args: [...chromiumArgs, ...args] })
  // Debian's stock Firefox speaks WebDriver BiDi, not the protocol of Playwright's patched build.
  if (executablePath !== undefined) return firefox.launch({ ...options, channel: 'moz-firefox' })
  return firefox.launch(options)
}
