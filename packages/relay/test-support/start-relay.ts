import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type Relay, type RelayConfig, createRelay } from '@tsugi/relay'

/** A relay on a free port of this machine, with the HTTP server that it shares. */
export interface TestRelay {
  readonly relay: Relay
  readonly server: Server
  readonly port: number
  /** The WebSocket multiaddr, ending in the peer id. */
  readonly address: string
  stop(): Promise<void>
}

/** Starts a relay on loopback; the configuration lays over a plain one. */
export async function startRelay(config: Partial<RelayConfig> & { port?: number } = {}): Promise<TestRelay> {
  const { port = 0, ...rest } = config
  const server = createServer((_request, response) => void response.end('the page'))
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const relay = await createRelay({ httpServer: server, ...rest }).catch((error: unknown) => {
    server.close()
    throw error
  })
  const address = `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/ws/p2p/${relay.peerId}`
  return {
    relay,
    server,
    port: (server.address() as AddressInfo).port,
    address,
    async stop() {
      await relay.stop()
      server.closeAllConnections()
      await new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
}

/** Waits until something holds, and fails with `what` after a while. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come true in 20 s: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
