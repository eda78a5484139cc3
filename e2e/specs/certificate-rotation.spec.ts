import { spawn } from 'node:child_process'
import { on } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { Page } from '@playwright/test'

import { nodeOnNewerLibc } from '../../scripts/newer-libc.mjs'
import { expect, test } from '../harness/fixtures.ts'

const program = fileURLToPath(new URL('../harness/rotating-listener.ts', import.meta.url))
const found = nodeOnNewerLibc()

/** A session of the page with any of the certificates in an address. */
async function openSession(page: Page, address: string): Promise<void> {
  const hashes = (address.match(/(?<=\/certhash\/)u[\w-]+/g) ?? []).map(each => [
    ...Buffer.from(each.slice(1), 'base64url').subarray(2),
  ])
  const port = /udp\/(\d+)/.exec(address)?.[1]
  await page.evaluate(
    async ([url, sha256]) => {
      const globals = globalThis as unknown as { sessions?: unknown[]; WebTransport: new (...rest: unknown[]) => never }
      const session = new globals.WebTransport(url, {
        serverCertificateHashes: sha256.map(each => ({ algorithm: 'sha-256', value: new Uint8Array(each) })),
      }) as { ready: Promise<void>; closed: Promise<unknown>; isClosed?: boolean }
      session.closed.then(
        () => (session.isClosed = true),
        () => (session.isClosed = true),
      )
      await session.ready
      globals.sessions = [...(globals.sessions ?? []), session]
    },
    [`https://127.0.0.1:${port}/.well-known/libp2p-webtransport?type=noise`, hashes] as const,
  )
}

const closedSessions = (page: Page): Promise<boolean[]> =>
  page.evaluate(() =>
    ((globalThis as unknown as { sessions: Array<{ isClosed?: boolean }> }).sessions ?? []).map(
      each => each.isClosed === true,
    ),
  )

for (const browser of ['chromium', 'firefox'] as const) {
  test(`F6: ${browser} gets in before and after a certificate has changed, with the old address and the new`, async ({
    arrive,
  }) => {
    test.skip('reason' in found, 'reason' in found ? found.reason : '')
    const node = 'node' in found ? found.node : process.execPath
    const listener = spawn(node, ['--conditions=@tsugi/source', '--no-warnings', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      const lines = on(createInterface({ input: listener.stdout }), 'line')
      const next = async (): Promise<{ page: string; address: string }> =>
        JSON.parse(String(((await lines.next()).value as string[])[0])) as { page: string; address: string }
      const before = await next()
      const { page } = await arrive('Honoka', { browser })
      await page.goto(before.page)
      await openSession(page, before.address)
      listener.stdin.write('rotate\n')
      const after = await next()
      expect(after.address).not.toBe(before.address)
      await openSession(page, before.address)
      await openSession(page, after.address)
      expect(await closedSessions(page)).toEqual([false, false, false])
    } finally {
      listener.stdin.end()
    }
  })
}
