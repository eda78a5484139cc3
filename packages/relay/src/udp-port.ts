import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

import { RelayError } from './relay-error.ts'

/**
 * Finds out whether a UDP port can be bound, or finds a free one. libjuice, below WebRTC-direct, neither takes port 0 nor says
 * why it could not bind.
 *
 * @param port - `0` for any
 * @returns the port, which was free a moment ago
 * @throws RelayError `relay/port-taken`
 */
export async function probeUdpPort(host: string, port: number): Promise<number> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' })
  try {
    return await new Promise<number>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ address: host, port, exclusive: true }, () => resolve(socket.address().port))
    })
  } catch (cause) {
    throw udpError(cause, host, port)
  } finally {
    socket.close()
  }
}

/** Says in words why a UDP socket could not be bound. */
export function udpError(cause: unknown, host: string, port: number): RelayError {
  const code = (cause as { code?: string }).code
  if (code === 'EADDRINUSE')
    return new RelayError('relay/port-taken', `UDP port ${port} on ${host} is already in use.`, cause)
  if (code === 'EACCES')
    return new RelayError(
      'relay/port-taken',
      `UDP port ${port} on ${host} needs more rights than this user has.`,
      cause,
    )
  return new RelayError(
    'relay/invalid-config',
    `UDP port ${port} on ${host} cannot be opened: ${(cause as Error).message}`,
    cause,
  )
}
