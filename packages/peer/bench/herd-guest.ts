import { setTimeout as sleep } from 'node:timers/promises'

import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { TaskGroup } from '@tsugi/bounded'
import { accept, defaultLimits, refuse } from '@tsugi/protocol'
import { LightPeer } from '@tsugi/testkit/light-peer'

import { describeRelay } from '../src/relays/describe-relay.ts'
import { RelayKeeper } from '../src/relays/relay-keeper.ts'
import { parseRelaySource } from '../src/relays/relay-source.ts'

/** As a real peer's. */
const describeTimeoutMs = 5_000
const dialTimeoutMs = 7_000
const reserveTimeoutMs = 5_000
const slotMs = 3_600_000

/** A peer's own loop around one relay, on a connection that costs little: a thousand of them fit beside the relay that they come back to. */
export class HerdGuest {
  readonly #tasks = new TaskGroup()
  readonly #keeper: RelayKeeper
  #light: LightPeer | undefined
  /** Dials, and those that failed. */
  tries = 0
  failures = 0

  /** @param isElsewhere - whether another relay carries its messages meanwhile */
  constructor(url: string, relayId: string, isElsewhere: boolean, onReserved: () => void) {
    const remotePeer = peerIdFromString(relayId)
    this.#keeper = new RelayKeeper(parseRelaySource(url), {
      tasks: this.#tasks,
      describe: (origin, signal) =>
        describeRelay(origin, { signal, maxBytes: defaultLimits.wellKnownBytes, timeoutMs: describeTimeoutMs }),
      onDescribed: () => {},
      learnAddresses: () => {},
      isTaken: () => false,
      dial: async (_addresses, signal) => {
        this.tries += 1
        try {
          const inTime = AbortSignal.any([signal, AbortSignal.timeout(dialTimeoutMs)])
          this.#light = await LightPeer.connect(url.replace(/^http/, 'ws'), {}, inTime)
        } catch (error) {
          this.failures += 1
          throw error
        }
        return connectionOf(this.#light, remotePeer)
      },
      reserve: async () => {
        const status = await Promise.race([
          this.#light?.reserve(),
          sleep(reserveTimeoutMs, undefined, { ref: false }),
          this.#light?.closed,
        ])
        if (status === 100) return accept({ relay: relayId, expiresAt: Date.now() + slotMs })
        return typeof status === 'number' ? refuse('reservation/refused', `${status}`) : refuse('reservation/failed')
      },
      release: () => {},
      protect: async () => {},
      isOnline: () => isElsewhere || this.#keeper.isConnected,
      onChange(change) {
        if (change === 'reserved') onReserved()
      },
    })
    this.#keeper.start()
  }

  async stop(): Promise<void> {
    await Promise.all([this.#keeper.stop(), this.#light?.cut()])
  }
}

function connectionOf(light: LightPeer, remotePeer: Connection['remotePeer']): Connection {
  const connection = Object.assign(new EventTarget(), { remotePeer, status: 'open', close: () => light.close() })
  void light.closed.then(() => {
    connection.status = 'closed'
    connection.dispatchEvent(new Event('close'))
  })
  return connection as unknown as Connection
}
