import type { Connection } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'
import type { PeerId } from '@tsugi/protocol'

import type { RelayPool } from './relays/relay-pool.ts'

/** What {@link TopicRoutes} needs. */
export interface TopicRoutesOptions {
  readonly tasks: TaskGroup
  readonly relays: () => Pick<RelayPool, 'isConnectedRelay' | 'list'>
  readonly connections: () => Connection[]
  /** The topics that we are on, as they stand on the wire. */
  readonly topics: () => readonly string[]
  /** Who is on a topic and can be sent to. */
  readonly subscribers: (wireTopic: string) => readonly string[]
}

const pollMs = 25

/** By which relays our topics reach us: so a relay can be left without anything that is said meanwhile being missed. */
export class TopicRoutes {
  readonly #options: TopicRoutesOptions

  constructor(options: TopicRoutesOptions) {
    this.#options = options
  }

  /** Whether what is said on our topics reaches us without this relay. */
  standBeside(relay: string): boolean {
    const { topics, subscribers, relays } = this.#options
    const isOther = (peer: string): boolean => peer !== relay && relays().isConnectedRelay(peer)
    return topics().every(topic => subscribers(topic).some(isOther))
  }

  /** Whether somebody would miss the line to a relay: a topic, or a circuit over it. */
  wouldMiss(relay: PeerId): boolean {
    const isOver = ({ direct, remoteAddr }: Connection): boolean =>
      !direct && remoteAddr.toString().includes(`/p2p/${relay}/p2p-circuit`)
    return !this.standBeside(relay) || this.#options.connections().some(isOver)
  }

  /** Waits until our topics reach us without this relay, as far as there is another one. */
  async untilBeside(relay: string, signal: AbortSignal): Promise<void> {
    const { relays, tasks } = this.#options
    const hasOther = (): boolean =>
      relays()
        .list()
        .some(({ peerId }) => peerId !== undefined && peerId !== relay && relays().isConnectedRelay(peerId))
    while (hasOther() && !this.standBeside(relay)) {
      if (!(await tasks.sleep('routed', pollMs, signal))) return
    }
  }
}
