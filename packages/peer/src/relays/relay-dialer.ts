import type { Connection } from '@libp2p/interface'
import type { WellKnown } from '@tsugi/protocol'

import { type RelayTransport, transportOf } from '../node/relay-transport.ts'
import { addressesToDial } from './dialable-addresses.ts'
import type { RelayDescription } from './relay-description.ts'
import type { RelaySource } from './relay-source.ts'

/** What {@link RelayDialer} needs. */
export interface RelayDialerOptions {
  readonly source: RelaySource
  /** Whether the application named it, and not another relay. */
  readonly isNamed: boolean
  readonly description: Pick<RelayDescription, 'known' | 'isAnswering'>
  /** Reads its description; answers whether it could, or need not. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>
  /** Hosts that may be dialled because of this relay. */
  readonly learnAddresses: (addresses: readonly string[]) => void
  /** @param silent - the way of the line that stands, when another is wanted because it does not answer */
  readonly dial: (addresses: readonly string[], signal: AbortSignal, silent?: RelayTransport) => Promise<Connection>
}

/** For all addresses of a relay together; one that does not answer is left after some seconds. */
const dialTimeoutMs = 20_000
/** A relay that is known already is dialled if it has not described itself again by then. */
const patienceMs = 1_500
/** To find another way to a relay that does not answer on its line; soon afterwards that line is given up in any case. */
const otherWayMs = 5_000

/** Opens lines to one relay, by what it says of itself. */
export class RelayDialer {
  readonly #options: RelayDialerOptions

  constructor(options: RelayDialerOptions) {
    this.#options = options
  }

  /**
   * Reads its description and dials it.
   *
   * @param isBlind - whether a relay that says nothing at all is dialled as it described itself before: the network may have closed the way to its description alone
   * @throws whatever the last attempt threw
   */
  async dial(signal: AbortSignal, isBlind: boolean): Promise<Connection> {
    const { description, probe } = this.#options
    const tooLong = new AbortController()
    const timer = description.known && setTimeout(() => tooLong.abort(), patienceMs)
    const isDescribed = await probe(AbortSignal.any([signal, tooLong.signal]))
    clearTimeout(timer)
    const isMute = isBlind && tooLong.signal.aborted
    // The page may be allowed to open a WebSocket where it may not read a document, so the origin's own port is tried in any case.
    const steps = this.#steps(isDescribed || isMute ? description.known : undefined)
    return this.#dial(steps, AbortSignal.any([signal, AbortSignal.timeout(dialTimeoutMs)]))
  }

  /**
   * Another line to a relay that does not answer on the one that stands. It may be there all the same, and only that way closed: a network that lets no more
   * UDP through, a router that forgot.
   *
   * @param isWanted - whether the other line is still needed
   * @returns `undefined` when there is none, or no need for one any more
   */
  async dialOther(line: Connection, isWanted: () => boolean, signal: AbortSignal): Promise<Connection | undefined> {
    const { description } = this.#options
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(otherWayMs)])
    // What is full of somebody's bytes is slow by right. A stream without a protocol waits for the answer that fails to come.
    if (line.streams.some(({ protocol, writableNeedsDrain }) => protocol && writableNeedsDrain)) return undefined
    // A relay that is frozen, or has too much to do, must not get another handshake from everybody.
    if (!(await description.isAnswering(inTime)) || !isWanted()) return undefined
    const silent = transportOf(line.remoteAddr)
    const other = await this.#dial(this.#steps(description.known), inTime, silent).catch(() => undefined)
    if (other === undefined || (isWanted() && other.remotePeer.equals(line.remotePeer))) return other
    await other.close().catch(() => {})
    return undefined
  }

  #steps(described: WellKnown | undefined): string[][] {
    const { source, isNamed, learnAddresses } = this.#options
    const steps = addressesToDial(source, described, isNamed)
    learnAddresses(steps.flat())
    return steps
  }

  /** Step by step, until one leads to a relay. */
  async #dial(
    [step = [], ...others]: readonly (readonly string[])[],
    signal: AbortSignal,
    silent?: RelayTransport,
  ): Promise<Connection> {
    try {
      return await this.#options.dial(step, signal, silent)
    } catch (error) {
      if (others.length === 0 || signal.aborted) throw error
      return this.#dial(others, signal, silent)
    }
  }
}
