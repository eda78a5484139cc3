import { networkInterfaces } from 'node:os'

import { nodeOnNewerLibc } from '../../scripts/newer-libc.mjs'
import { RelayProcess } from './relay-process.ts'

/** Whether this machine has an address beside loopback. */
export const hasOtherAddress = Object.values(networkInterfaces())
  .flatMap(each => each ?? [])
  .some(each => each.family === 'IPv4' && !each.internal)

const found = nodeOnNewerLibc()

/** Why relays with WebTransport cannot run here; `undefined` where they can. */
export const quicUnavailable = 'reason' in found ? found.reason : undefined

/** A relay on this machine with WebTransport, on a newer C library where this system's is too old for it. */
export function startQuicRelay(...args: string[]): Promise<RelayProcess> {
  if ('reason' in found) throw new Error(found.reason)
  const { node } = found
  const place = {
    // Every address of this machine: Firefox leaves loopback out of ICE, and WebRTC-direct needs another one.
    host: '0.0.0.0',
    address: '127.0.0.1',
    command: (_: string, words: readonly string[]): readonly [string, string[]] => [node, [...words]],
  }
  return RelayProcess.startAt(place, '--webtransport-port', '0', ...args)
}
