import { type Server, createServer } from 'node:http'

import { ConfigError } from '../config/config-error.ts'

/**
 * An HTTP server whose slow and idle clients end by themselves; it listens before the relay takes its upgrades.
 *
 * @param maxConnections - sockets at once, WebSockets included; more are closed as they arrive
 */
export function createHttpServer(maxConnections: number): Server {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: 16_384,
  })
  server.maxConnections = maxConnections
  return server
}

/** @throws ConfigError when the port or the address cannot be had */
export async function listenOn(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ host, port }, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/** Stops listening, ends idle connections at once and the others after a moment. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>(resolve => void server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new ConfigError(
      `TCP port ${port} on ${host} is already in use: stop what uses it, or choose another with --port.`,
    )
  }
  if (error.code === 'EACCES') {
    return new ConfigError(
      `TCP port ${port} on ${host} needs more rights than this user has: choose one above 1023 with --port.`,
    )
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new ConfigError(`${host} is no address of this machine: choose another with --host.`)
  }
  return error
}
