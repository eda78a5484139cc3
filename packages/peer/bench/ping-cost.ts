/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm ping-cost`: what a ping costs the relay, by the muxer's own frame and by a stream of libp2p's ping protocol. Linux only.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { startPeer } from '../src/create-peer.ts'
import type { MeshPeer } from '../src/mesh-peer.ts'
import { pingByStream, pingConnection } from '../src/node/ping-connection.ts'

const peers = 20
const pings = 20_000
const tickMicroseconds = 10_000

const child = fork(fileURLToPath(new URL('relay-process.ts', import.meta.url)))
const [relay] = (await once(child, 'message')) as [string]
/** The relay's processor time, of all its threads. */
function cpuMicroseconds(): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds
}
const isReady = (peer: MeshPeer): boolean => peer.relays.connections().length > 0
const mesh = await Promise.all(
  Array.from({ length: peers }, () =>
    startPeer({ app: 'ping', relays: [relay], identity: 'memory', webrtc: false }, {}),
  ),
)
await Promise.all(
  mesh.map(
    peer =>
      new Promise<void>(resolve => {
        if (isReady(peer)) resolve()
        else peer.addEventListener('ready', () => resolve())
      }),
  ),
)
const lines = mesh.flatMap(peer => peer.relays.connections())
const { signal } = new AbortController()
for (const [name, ping] of Object.entries({ 'by a frame': pingConnection, 'by a stream': pingByStream })) {
  const before = cpuMicroseconds()
  await Promise.all(
    lines.map(async line => {
      for (let sent = 0; sent < pings / peers; sent += 1) await ping(line, signal)
    }),
  )
  console.log(`${name}: ${((cpuMicroseconds() - before) / pings).toFixed(0)} µs of the relay's processor time each`)
}
await Promise.all(mesh.map(peer => peer.stop()))
child.disconnect()
