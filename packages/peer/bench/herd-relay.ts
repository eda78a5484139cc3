// A relay for `pnpm herd`, in a process of its own: `herd-relay.ts <port> <data directory>`. Says where it is; answers each message with what has become of it.
import { monitorEventLoopDelay } from 'node:perf_hooks'

import { openRelay } from '../test-support/open-relay.ts'

/** How a relay fared since its start. */
export interface HerdRelayFigures {
  readonly peers: number
  readonly reservations: number
  readonly cpuMs: number
  /** Of the event loop, in milliseconds. */
  readonly delayP50Ms: number
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  /** Those that were turned away, by reason. */
  readonly refusals: Readonly<Record<string, number>>
}

const [, , port = '0', dataDir = ''] = process.argv
const delay = monitorEventLoopDelay({ resolution: 10 })
const opened = await openRelay({
  port: Number(port),
  dataDir,
  // Everybody comes from one address.
  limits: { addressPeers: 100_000, addressJoinsPerSecond: Number.POSITIVE_INFINITY },
})
delay.enable()
process.on('message', () => {
  const { peers, circuits, refusals } = opened.relay.stats()
  const { user, system } = process.cpuUsage()
  const figures: HerdRelayFigures = {
    peers,
    reservations: circuits.reservations,
    cpuMs: (user + system) / 1_000,
    delayP50Ms: delay.percentile(50) / 1e6,
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
    refusals: Object.fromEntries(Object.entries(refusals).filter(([, count]) => count > 0)),
  }
  process.send?.(figures)
})
process.send?.(opened.url)
process.once('disconnect', () => void opened.kill())
