import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import type { Limits } from '@tsugi/protocol'
import { type Relay, createRelay } from '@tsugi/relay'

/** A relay on loopback, with the document that describes it. */
export interface TestRelay {
  readonly relay: Relay
  readonly url: string
  readonly port: number
  /** Ends it at once, as a crash would: its peers hear nothing but that their lines are gone. */
  kill(): Promise<void>
  /** Ends it in order. */
  stop(): Promise<void>
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
  /** Other relays, and whether more are looked for. */
  readonly relays?: readonly string[]
  readonly discover?: boolean
  /** What it says of other relays, instead of what it knows. */
  readonly lies?: readonly string[]
  /** The UDP port at which it says that it can be reached, instead of its own. */
  readonly udpPortAs?: (own: number) => Promise<number>
  /** Its description takes so long each time, as that of a relay far away. */
  readonly describesInMs?: number
  /** Its description can be read only after that. */
  readonly describesAfter?: Promise<unknown>
}

/** Starts a relay of the project's own. */
export async function openRelay(options: TestRelayOptions = {}): Promise<TestRelay> {
  let relay: Relay | undefined
  const sockets = new Set<Socket>()
  let otherPort: [own: string, told: string] = ['', '']
  const httpServer = createServer((request, response) => {
    void Promise.resolve(options.describesAfter).then(() =>
      setTimeout(() => answer(request, response), options.describesInMs ?? 0),
    )
  })
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url !== '/.well-known/tsugi.json' || relay === undefined) {
      response.writeHead(404).end()
      return
    }
    const known = relay.wellKnown()
    const described = {
      ...known,
      multiaddrs: known.multiaddrs.map(address => address.replace(...otherPort)),
      ...(options.lies !== undefined && { relays: options.lies }),
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(described))
  }
  httpServer.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => httpServer.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = httpServer.address() as AddressInfo
  relay = await createRelay({
    httpServer,
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.apps !== undefined && { apps: options.apps }),
    ...(options.udpPortAs !== undefined && { udpPort: 0 }),
    stunPort: options.stunPort ?? 'off',
    ...(options.relays !== undefined && { relays: options.relays }),
    ...(options.discover !== undefined && { discover: options.discover }),
  })
  const started = relay
  const udpPort = Number(/udp\/(\d+)\/webrtc-direct/.exec(relay.multiaddrs().join())?.[1])
  if (options.udpPortAs !== undefined) otherPort = [`/udp/${udpPort}/`, `/udp/${await options.udpPortAs(udpPort)}/`]
  let ended: Promise<void> | undefined
  const end = async (isCrash: boolean): Promise<void> => {
    const closed = new Promise(resolve => httpServer.close(resolve))
    if (isCrash) for (const socket of sockets) socket.destroy()
    await started.stop()
    httpServer.closeAllConnections()
    await closed
  }
  const kill = (): Promise<void> => (ended ??= end(true))
  const stop = (): Promise<void> => (ended ??= end(false))
  return { relay: started, url: `http://127.0.0.1:${port}`, port, kill, stop }
}
