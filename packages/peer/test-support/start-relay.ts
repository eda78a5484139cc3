import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Limits } from '@tsugi/protocol'
import { type Relay, createRelay } from '@tsugi/relay'
import { onTestFinished } from 'vitest'

/** A relay on loopback, with the document that describes it. */
export interface TestRelay {
  readonly relay: Relay
  readonly url: string
  readonly port: number
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

/** How a {@link TestRelay} starts. */
export interface TestRelayOptions {
  readonly port?: number
  /** Keeps the identity over a restart. */
  readonly dataDir?: string
  readonly limits?: Partial<Limits>
  /** The apps served; default: all. */
  readonly apps?: readonly string[]
  readonly stunPort?: number | 'off'
}

/** Starts a relay of the project's own; it ends with its test. */
export async function startRelay(options: TestRelayOptions = {}): Promise<TestRelay> {
  let relay: Relay | undefined
  const httpServer = createServer((request, response) => {
    if (request.url !== '/.well-known/tsugi.json' || relay === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(relay.wellKnown()))
  })
  await new Promise<void>(resolve => httpServer.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = httpServer.address() as AddressInfo
  relay = await createRelay({
    httpServer,
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.apps !== undefined && { apps: options.apps }),
    stunPort: options.stunPort ?? 'off',
  })
  const started = relay
  let killed: Promise<void> | undefined
  const kill = (): Promise<void> =>
    (killed ??= (async () => {
      httpServer.closeAllConnections()
      const closed = new Promise(resolve => httpServer.close(resolve))
      await started.stop()
      httpServer.closeAllConnections()
      await closed
    })())
  onTestFinished(kill)
  return { relay: started, url: `http://127.0.0.1:${port}`, port, kill }
}
