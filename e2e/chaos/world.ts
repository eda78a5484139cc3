import type { ChildProcess } from 'node:child_process'

import { type RelayPlace, RelayProcess } from '../harness/relay-process.ts'
import { PlayerHost, type StartCommand } from '../harness/remote-player.ts'
import { Lab } from '../lab/lab.ts'
import type { SiteKind } from '../lab/site-kinds.ts'
import type { Site } from '../lab/site.ts'
import { startLiar } from './liar.ts'

const clock = { NODE_OPTIONS: `--import ${new URL('wall-clock.mjs', import.meta.url).href}` }

/** Where some of the players are: a process at a site of the lab, or on loopback. */
export interface Home {
  readonly name: string
  readonly players: PlayerHost
  /** Absent on loopback, where no line can be cut. */
  readonly site: Site | undefined
}

/** Relays, homes and a liar, in the lab where this machine can build one, else on loopback. */
export class World implements AsyncDisposable {
  readonly #lab: Lab | undefined
  readonly #liar: ChildProcess
  readonly relays: readonly RelayProcess[]
  readonly relaySites: readonly Site[]
  readonly homes: readonly Home[]
  /** What the players are told: the liar first. */
  readonly relayUrls: readonly string[]

  private constructor(
    parts: Pick<World, 'relays' | 'relaySites' | 'homes' | 'relayUrls'> & { lab: Lab | undefined; liar: ChildProcess },
  ) {
    this.#lab = parts.lab
    this.#liar = parts.liar
    this.relays = parts.relays
    this.relaySites = parts.relaySites
    this.homes = parts.homes
    this.relayUrls = parts.relayUrls
  }

  /** Whether lines can be cut here. */
  get hasLines(): boolean {
    return this.#lab !== undefined
  }

  /** Two relays, a liar, and a home of each of these kinds. */
  static async create(kinds: readonly SiteKind[], isLab: boolean): Promise<World> {
    const lab = isLab ? await Lab.create() : undefined
    const relays: RelayProcess[] = []
    const relaySites: Site[] = []
    for (const name of ['relay-1', 'relay-2']) {
      const site = await lab?.addSite(name, 'server')
      if (site !== undefined) relaySites.push(site)
      const args = site === undefined ? [] : ['--port', '8080', '--stun-port', '3478']
      relays.push(await RelayProcess.startAt(placeOf(site), ...args))
    }
    const liarSite = await lab?.addSite('liar', 'server')
    const lies = await startLiar(placeOf(liarSite), liarSite === undefined ? 0 : 8080, relays[0]!.ready.peerId)
    const homes: Home[] = []
    for (const [index, kind] of kinds.entries()) {
      const name = `home-${index + 1}`
      const site = await lab?.addSite(name, kind)
      homes.push({ name: `${name} (${kind})`, site, players: PlayerHost.start(site && commandAt(site), clock) })
    }
    const relayUrls = [lies.url, ...relays.map(({ url }) => url)]
    return new World({ lab, liar: lies.child, relays, relaySites, homes, relayUrls })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { players } of this.homes) await players[Symbol.asyncDispose]()
    this.#liar.kill('SIGKILL')
    for (const relay of this.relays) await relay.dispose()
    await this.#lab?.[Symbol.asyncDispose]()
  }
}

function commandAt(site: Site): StartCommand {
  return (program, args) => site.command(program, args)
}

function placeOf(site: Site | undefined): RelayPlace {
  return {
    host: site === undefined ? '127.0.0.1' : '0.0.0.0',
    address: site?.address ?? '127.0.0.1',
    command: site === undefined ? (program, args) => [program, [...args]] : commandAt(site),
    environment: clock,
  }
}
