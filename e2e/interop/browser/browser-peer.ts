import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import type { Browser, Page } from '@playwright/test'
import { build } from 'vite'

import { type BrowserName, launch } from '../../harness/browsers.ts'
import type { PagePeer } from './page.ts'

const entry = fileURLToPath(new URL('page.ts', import.meta.url))

/** An address at which the page of `page.ts` is: on localhost, because browsers have WebTransport on secure pages alone. */
export class PeerPage implements AsyncDisposable {
  readonly url: string
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://localhost:${(server.address() as AddressInfo).port}/`
  }

  static async serve(): Promise<PeerPage> {
    const script = await bundle()
    const server = createServer(({ url }, response) => {
      if (url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(script)
      else
        response
          .setHeader('Content-Type', 'text/html')
          .end('<!doctype html><script type="module" src="page.js"></script>')
    })
    await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
    return new PeerPage(server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@tsugi/source', 'module', 'browser', 'production'] },
    build: { write: false, target: 'es2023', rolldownOptions: { input: entry, output: { codeSplitting: false } } },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap(each => ('output' in each ? each.output : []))
  const chunk = outputs.find(each => each.type === 'chunk' && each.isEntry)
  if (chunk?.type !== 'chunk') throw new Error('The page of a peer was not built.')
  return chunk.code
}

/** A peer of ours in a browser of its own. */
export class BrowserPeer implements AsyncDisposable {
  readonly #browser: Browser
  readonly #page: Page
  readonly #complaints: string[]
  readonly id: string

  private constructor(browser: Browser, page: Page, complaints: string[], id: string) {
    this.#browser = browser
    this.#page = page
    this.#complaints = complaints
    this.id = id
  }

  /**
   * @param webrtc - whether it makes direct lines
   * @throws Error when the page does not start
   */
  static async start(name: BrowserName, url: string, relay: string, webrtc: boolean): Promise<BrowserPeer> {
    const browser = await launch(name)
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('pageerror', error => complaints.push(String(error)))
      page.on('console', message => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      await page.goto(url)
      const id = await page.evaluate(
        ([address, isDirect]) => (globalThis as unknown as { interop: PagePeer }).interop.start(address, isDirect),
        [relay, webrtc] as const,
      )
      return new BrowserPeer(browser, page, complaints, id)
    } catch (error) {
      await browser.close()
      throw error
    }
  }

  /** What the page complained about. */
  get complaints(): string {
    return this.#complaints.slice(0, 5).join('; ')
  }

  /** Has the page do something. */
  do<Name extends Exclude<keyof PagePeer, 'start'>>(
    what: Name,
    ...words: Parameters<PagePeer[Name]>
  ): Promise<Awaited<ReturnType<PagePeer[Name]>>> {
    return this.#page.evaluate(
      ([name, rest]) => {
        const { interop } = globalThis as unknown as {
          interop: Record<string, (...all: readonly unknown[]) => unknown>
        }
        return interop[name]?.(...rest)
      },
      [what, words] as const,
    ) as Promise<Awaited<ReturnType<PagePeer[Name]>>>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
  }
}
