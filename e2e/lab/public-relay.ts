import { RelayProcess } from '../harness/relay-process.ts'
import type { Lab } from './lab.ts'
import type { Site } from './site.ts'

const port = 8080

/** A relay on the public side, on a machine of its own. */
export interface PublicRelay {
  readonly process: RelayProcess
  readonly site: Site
}

/** Starts a relay process on a server of the lab: the command as an operator starts it, at the usual ports. */
export async function startPublicRelay(lab: Lab, name: string, ...args: string[]): Promise<PublicRelay> {
  const site = await lab.addSite(name, 'server')
  const place = { host: '::', address: site.address, command: site.command.bind(site) }
  const process = await RelayProcess.startAt(place, '--port', `${port}`, '--stun-port', '3478', ...args)
  return { process, site }
}

/** Where a site reaches a relay: by IPv4 where it has that. */
export function relayUrl({ site }: PublicRelay, from: Site): string {
  return `http://${from.traits.ip4 ? site.address : `[${site.address6}]`}:${port}`
}
