import type { Connection, Stream } from '@libp2p/interface'
import { lpStream, tryGetNetConfig } from '@libp2p/utils'
import { ExpiringBook, type TaskGroup, TokenBucket } from '@tsugi/bounded'
import {
  type Limits,
  type MatchId,
  type PublicationAnswer,
  type PublicationPart,
  decodePublicationPart,
  encodeCanonical,
  isPublicationSigned,
  toHex,
} from '@tsugi/protocol'

import { addressKey } from '../addresses/address-prefix.ts'
import type { Refusals } from '../refusals.ts'
import type { ArchiveStore } from './archive-store.ts'
import type { VerifyGame, VerifyRefusal } from './verified-game.ts'

/** Why a publication was turned away. */
export type ArchiveRefusal =
  | VerifyRefusal
  | 'archive/malformed'
  | 'archive/too-large'
  | 'archive/rate'
  | 'archive/busy'
  /** The app of the game is not served here. */
  | 'archive/app'
  /** Nobody who holds a seat has given their word to this relay. */
  | 'archive/not-a-player'
  | 'archive/full'

/** What {@link ArchiveService} needs. */
export interface ArchiveServiceOptions {
  readonly relayId: string
  readonly limits: Pick<Limits, 'gameArchiveBytes' | 'gameMessageBytes' | 'addressPublications'>
  readonly store: Pick<ArchiveStore, 'put' | 'get'>
  readonly verify: VerifyGame
  readonly refusals: Refusals
  /** The relay's own, which circuits use too: 0 when it was spent, else how long to wait. */
  readonly bandwidth: { spendBeside(bytes: number): number }
  readonly tasks: TaskGroup
  readonly isServed: (app: string) => boolean
}

/** Games that are read or wait for the one that is being checked. */
const maxPending = 8
/** Somebody who publishes sends all of it at once. */
const timeoutMs = 30_000
const minuteMs = 60_000
const maxRememberedAddresses = 20_000

type Publication = {
  readonly records: readonly Uint8Array[]
  readonly word: Extract<PublicationPart, { t: 'publish' }>
}

/** Answers `/tsugi/archive/1.0.0`: takes a finished game in the clear, has it checked, and keeps it. One at a time. [A2]–[A5] */
export class ArchiveService {
  readonly #options: ArchiveServiceOptions
  readonly #rates = new ExpiringBook<string, TokenBucket>({ capacity: maxRememberedAddresses, ttlMs: minuteMs })
  #checking: Promise<unknown> = Promise.resolve()
  #pending = 0

  constructor(options: ArchiveServiceOptions) {
    this.#options = options
  }

  /** Takes a stream; it carries one publication. */
  accept(stream: Stream, connection: Connection): void {
    this.#options.tasks.run('archive', signal => this.#serve(stream, connection, signal))
  }

  async #serve(stream: Stream, connection: Connection, stopped: AbortSignal): Promise<void> {
    const { limits, refusals } = this.#options
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)])
    const framed = lpStream(stream, {
      maxDataLength: limits.gameMessageBytes,
      maxBufferSize: 4 * limits.gameMessageBytes,
    })
    try {
      const address = addressKey(tryGetNetConfig(connection.remoteAddr)?.host ?? connection.remoteAddr.toString())
      const refused = await this.#admit(address, async () => {
        const part = (await framed.read({ signal })).subarray()
        await this.#spend(part.length, signal)
        return part
      })
      if (refused !== undefined) refusals.add(refused, connection.remotePeer.toString())
      const answer: PublicationAnswer = refused === undefined ? { t: 'archived' } : { t: 'refused', code: refused }
      await framed.write(encodeCanonical(answer), { signal })
      await stream.close({ signal })
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('archive/failed'))
    }
  }

  /** Waits for the relay's bandwidth; the sender is not read from meanwhile. */
  async #spend(bytes: number, signal: AbortSignal): Promise<void> {
    const { bandwidth, tasks } = this.#options
    for (let waitMs = bandwidth.spendBeside(bytes); waitMs > 0; waitMs = bandwidth.spendBeside(bytes)) {
      if (!(await tasks.sleep('archive', waitMs, signal))) throw new Error('archive/busy')
    }
  }

  async #admit(address: string, read: () => Promise<Uint8Array>): Promise<ArchiveRefusal | undefined> {
    if (!this.#rateOf(address).tryTake()) return 'archive/rate'
    if (this.#pending >= maxPending) return 'archive/busy'
    this.#pending += 1
    try {
      const publication = await this.#read(read)
      if (typeof publication === 'string') return publication
      const done = this.#checking.then(() => this.#keep(publication))
      this.#checking = done.catch(() => undefined)
      return await done
    } finally {
      this.#pending -= 1
    }
  }

  async #read(read: () => Promise<Uint8Array>): Promise<Publication | ArchiveRefusal> {
    const records: Uint8Array[] = []
    let room = this.#options.limits.gameArchiveBytes
    for (;;) {
      const part = decodePublicationPart(await read())
      if (!part.ok) return 'archive/malformed'
      if (part.value.t === 'publish') return records.length === 0 ? 'archive/malformed' : { records, word: part.value }
      for (const record of part.value.records) room -= record.length + 1
      if (room < 0) return 'archive/too-large'
      records.push(...part.value.records)
    }
  }

  async #keep({ records, word }: Publication): Promise<ArchiveRefusal | undefined> {
    const { verify, store, isServed, relayId, limits } = this.#options
    const game = await verify(records)
    if (!game.ok) return game.code
    if (!isServed(game.app)) return 'archive/app'
    const isPlayer = game.keys.includes(toHex(word.key))
    if (!isPlayer || !isPublicationSigned(game.match as MatchId, relayId, word)) return 'archive/not-a-player'
    const before = await store.get(game.match)
    if (before === undefined) return (await store.put(game)) === 'full' ? 'archive/full' : undefined
    // A game is the set of its records [F1]: what this player holds and what was published before belong together.
    const all = new Map([...before.chain, ...game.records].map(record => [toHex(record), record]))
    if (all.size === before.chain.length) return undefined
    const union = [...all.values()]
    if (union.reduce((sum, each) => sum + each.length, 0) > limits.gameArchiveBytes) return 'archive/too-large'
    const whole = await verify(union)
    if (!whole.ok) return whole.code
    return (await store.put(whole)) === 'full' ? 'archive/full' : undefined
  }

  #rateOf(address: string): TokenBucket {
    const { addressPublications } = this.#options.limits
    const rate =
      this.#rates.get(address) ??
      new TokenBucket({ capacity: addressPublications, refillPerSecond: (addressPublications * 1_000) / minuteMs })
    this.#rates.set(address, rate)
    return rate
  }
}
