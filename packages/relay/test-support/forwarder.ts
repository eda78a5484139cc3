import { type Socket, connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A network between a peer and a relay that may stop carrying anything, and tells neither. */
export interface Forwarder {
  readonly port: number
  /** From now on no byte passes, and no end. */
  freeze(): void
  stop(): Promise<void>
}

/** Starts one on loopback. */
export async function startForwarder(toPort: number): Promise<Forwarder> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, near => {
    const far = connect({ port: toPort, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [near, far]) socket.on('error', () => {})
    sockets.push(near, far)
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause()
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
}
