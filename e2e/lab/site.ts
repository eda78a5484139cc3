import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

import { networkTool } from '../../scripts/network-tools.mjs'
import { ipWithin, within } from './commands.ts'
import { type LineFault, lineRules } from './router-rules.ts'
import { type SiteTraits } from './site-kinds.ts'

/** What {@link Site} is made of. */
interface SiteParts {
  readonly name: string
  readonly traits: SiteTraits
  /** The namespace in which its programs run. */
  readonly namespace: string
  /** The namespace of its router, the one nearest to it. */
  readonly router: string
  readonly address: string
  readonly address6: string | undefined
}

/** One machine of the lab, behind its router. Programs run in it as anywhere, and see its network alone. */
export class Site {
  readonly name: string
  readonly traits: SiteTraits
  readonly namespace: string
  /** Its own IPv4 address, or the IPv6 one where it has no other. */
  readonly address: string
  readonly address6: string | undefined
  readonly #router: string

  constructor(parts: SiteParts) {
    this.name = parts.name
    this.traits = parts.traits
    this.namespace = parts.namespace
    this.address = parts.address
    this.address6 = parts.address6
    this.#router = parts.router
  }

  /** The command line that runs a program here. */
  command(program: string, args: readonly string[]): readonly [program: string, args: string[]] {
    return [networkTool('ip') ?? 'ip', ['netns', 'exec', this.namespace, program, ...args]]
  }

  /** Starts a program here. Whatever still runs when the lab ends is ended with it. */
  spawn(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [command, words] = this.command(program, args)
    return spawn(command, words, options)
  }

  /** Makes its line bad, or good again with `{}`. Nobody is told: packets vanish. */
  async setLine(fault: LineFault): Promise<void> {
    const { lossPercent } = this.traits
    const lasting = lossPercent === undefined ? {} : { lossPercent }
    await within(this.#router, 'nft', [lineRules({ ...lasting, ...fault })])
  }

  /** Pulls the cable out of the machine, which notices, or puts it in again. */
  async setPlugged(isPlugged: boolean): Promise<void> {
    await ipWithin(this.#router, `link set lan ${isPlugged ? 'up' : 'down'}`)
  }
}
