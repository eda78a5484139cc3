import type { ComponentLogger, Logger } from '@libp2p/interface'

const silent: Logger = Object.assign(() => {}, {
  enabled: false,
  trace() {},
  error() {},
  newScope: () => silent,
})

/** For libp2p's own log lines, which nobody reads here: a logger of each connection and stream would take 3 KB of names. */
export const silentLogger: ComponentLogger = { forComponent: () => silent }
