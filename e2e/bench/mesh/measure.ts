import { setTimeout as sleep } from 'node:timers/promises'

import { BenchPeer } from './bench-peer.ts'
import type { MeshFault } from './mesh-faults.ts'
import type { Places } from './places.ts'
import { type Samples, neverMs } from './samples.ts'

/** What is on its way to a new line arrives there, and what it replaces is given up. */
const settleMs = 6_000

/** Two peers, fresh for each measurement. */
interface Pair extends Disposable {
  readonly speaker: BenchPeer
  readonly listener: BenchPeer
  /** Somebody who comes later. */
  bring(): BenchPeer
}

/** Measures one system on one kind of line. */
export class Measurement {
  readonly #places: Places
  readonly #samples: Samples
  readonly #stun: string
  #hasMet = false
  /** Peers that have never met here are not waited for again. */
  #isHopeless = false

  constructor(places: Places, samples: Samples, stun: string) {
    this.#places = places
    this.#samples = samples
    this.#stun = stun
  }

  /** From nothing to a slot, a first message, a direct line; with relays first in the list that are none, if so. */
  async start(name: string, liars: readonly string[] = []): Promise<void> {
    const { line } = this.#places
    if (this.#isHopeless) return
    using pair = await this.#meet(1, liars)
    const { speaker, listener } = pair
    const note = (what: string, value: number | undefined): void => this.#samples.note(`${line}: ${name}${what}`, value)
    note('process start → slot on the relay', speaker.reservedMs)
    note('second peer’s process start → first message', listener.heardMs)
    if (line === 'direct') note('second peer’s process start → direct line', listener.directMs)
  }

  /** How long nothing was heard because of a fault, and how long after its end. */
  async suffer(fault: MeshFault, tries = 3): Promise<void> {
    const { line } = this.#places
    const name = `${line}: ${fault.name}`
    const newcomerName = `${line}: after that, a newcomer’s process start → first message`
    const note = (silenceMs?: number, afterMs?: number, newcomerMs?: number): void => {
      this.#samples.note(name, silenceMs, afterMs)
      if (fault.hasNewcomer) this.#samples.note(newcomerName, newcomerMs)
    }
    if (this.#isHopeless) return note()
    using pair = await this.#meet(fault.relays ?? 1)
    const { listener } = pair
    if (listener.heardMs === undefined) {
      console.error(`${line}, ${this.#places.system}: the two did not meet, so it was not measured: ${fault.name}`)
      pair[Symbol.dispose]()
      return tries > 1 ? this.suffer(fault, tries - 1) : undefined
    }
    if (line === 'direct') await sleep(settleMs)
    const sufferers = {
      relays: this.#places.relays.slice(0, fault.relays ?? 1),
      places: this.#places,
      listenerPid: listener.pid,
    }
    const from = performance.now()
    await fault.begin(sufferers)
    await sleep(fault.lastsMs)
    await fault.end(sufferers)
    const to = performance.now()
    const isHeard = await listener.until(({ heardAt }) => (heardAt.at(-1) ?? 0) > to, neverMs)
    const afterMs = (listener.heardAt.find(at => at > to) ?? 0) - to
    const newcomer = fault.hasNewcomer && isHeard ? pair.bring() : undefined
    await newcomer?.until(({ heardAt }) => heardAt.length > 0, neverMs)
    note(isHeard ? listener.silence(from, to) : undefined, afterMs, newcomer?.heardMs)
    await fault.restore?.(sufferers)
  }

  /** How long a peer that does nothing has its slot at a relay that is frozen, while it knows another one. */
  async idle(name: string): Promise<void> {
    const { line, relays, listener, system } = this.#places
    for (const relay of relays) await relay.forgetSlots()
    const peer = new BenchPeer(system, listener, {
      relays: relays.map(relay => relay.name),
      stun: this.#stun,
      speaks: false,
      isIdle: true,
    })
    await peer.until(({ address }) => address !== '', neverMs)
    await sleep(settleMs)
    const frozen = relays.find(({ peerId }) => peerId === peer.address)
    frozen?.freeze()
    const from = performance.now()
    const isReplaced = await peer.until(({ address }) => address !== frozen?.peerId, neverMs)
    this.#samples.note(`${line}: ${name}`, isReplaced ? performance.now() - from : undefined)
    frozen?.thaw()
    peer.end()
  }

  /** One speaks, the other hears it, as directly as it can be. */
  async #meet(relays: 1 | 2, liars: readonly string[] = []): Promise<Pair> {
    const { system, line, ...places } = this.#places
    for (const relay of places.relays) await relay.forgetSlots()
    const peers: BenchPeer[] = []
    const bring = (site: Places['speaker'], other?: string): BenchPeer => {
      const peer = new BenchPeer(system, site, {
        relays: [...liars, ...places.relays.slice(0, relays).map(({ name }) => name)],
        stun: this.#stun,
        speaks: other === undefined,
        ...(other !== undefined && { other }),
      })
      peers.push(peer)
      return peer
    }
    const speaker = bring(places.speaker)
    await speaker.until(({ reservedMs }) => reservedMs !== undefined, neverMs)
    const listener = bring(places.listener, speaker.address)
    const hasHeard = await listener.until(({ heardAt }) => heardAt.length > 0, neverMs)
    if (!hasHeard) this.#isHopeless = !this.#hasMet
    this.#hasMet ||= hasHeard
    if (hasHeard && line === 'direct') await listener.until(({ directMs }) => directMs !== undefined, neverMs)
    return {
      speaker,
      listener,
      bring: () => bring(places.newcomer, speaker.address),
      [Symbol.dispose]() {
        for (const peer of peers) peer.end()
      },
    }
  }
}
