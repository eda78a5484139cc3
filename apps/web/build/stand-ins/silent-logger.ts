// Stands in for @libp2p/logger: the page leaves libp2p's log lines out, so nobody is left to format for.

interface SilentLogger {
  (): void
  enabled: boolean
  trace(): void
  error(): void
  newScope(): SilentLogger
}

const silent: SilentLogger = Object.assign(() => {}, {
  enabled: false,
  trace() {},
  error() {},
  newScope: (): SilentLogger => silent,
})

const component = { forComponent: (): SilentLogger => silent }

export function logger(): SilentLogger {
  return silent
}

export function defaultLogger(): typeof component {
  return component
}

export { defaultLogger as peerLogger, defaultLogger as prefixLogger }

export function enable(): void {}

export function disable(): void {}

export function enabled(): boolean {
  return false
}
