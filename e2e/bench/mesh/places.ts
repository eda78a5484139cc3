import type { Lab } from '../../lab/lab.ts'
import type { SiteKind } from '../../lab/site-kinds.ts'
import type { Site } from '../../lab/site.ts'
import type { System } from './bench-peer.ts'
import { type BenchRelay, startOurRelay, startStockRelay } from './bench-relay.ts'

/** Between what homes: whether a direct line can be had there. */
export type Line = 'direct' | 'relayed'

const homes: Readonly<Record<Line, SiteKind>> = { direct: 'restricted', relayed: 'no-udp' }

/** Where one system is measured on one kind of line; nobody else uses it. */
export interface Places {
  readonly system: System
  readonly line: Line
  readonly relays: readonly BenchRelay[]
  readonly speaker: Site
  readonly listener: Site
  readonly newcomer: Site
}

/** Builds it. */
export async function createPlaces(lab: Lab, system: System, line: Line): Promise<Places> {
  const start = { ours: startOurRelay, stock: startStockRelay }[system]
  const at = (role: string): string => `${system}-${line}-${role}`
  const relays = [
    await start(await lab.addSite(at('relay'), 'server')),
    await start(await lab.addSite(at('other'), 'server')),
  ]
  const home = (role: string): Promise<Site> => lab.addSite(at(role), homes[line])
  return {
    system,
    line,
    relays,
    speaker: await home('speaker'),
    listener: await home('listener'),
    newcomer: await home('newcomer'),
  }
}
