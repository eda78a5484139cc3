import { randomBytes } from 'node:crypto'

import { type GoState, encodeSetup, goRules } from '@tsugi/go'
import { MatchSession, createMatchMachine, matchTopic, topicTransport } from '@tsugi/match'
import { type Peer, type PeerOptions, type Topic, createPeer } from '@tsugi/peer'
import {
  type MatchMessage,
  type MatchRecord,
  type RecordContent,
  type RecordPlace,
  createRecord,
  decodeRecord,
  inviteSecretBytes,
  parseFragment,
  playFragment,
  readKeysOf,
  sealMessage,
} from '@tsugi/protocol'

/** What {@link NodePlayer.start} needs. */
export interface NodePlayerOptions {
  /** An invite link. */
  readonly link: string
  readonly peer: PeerOptions
  /** The seat's key and the records of an earlier visit: with them the same person comes back. */
  readonly seatKey?: Uint8Array
  readonly records?: readonly Uint8Array[]
  /** Called with the peer as soon as there is one. */
  readonly onPeer?: (peer: Peer) => void
  /** Called for each message of the topic. */
  readonly onMessage?: (from: string) => void
}

/** A game that somebody has made, and what its maker needs to open it. */
export interface NodeGame {
  /** The invite link; its host is of no importance. */
  readonly link: string
  readonly seatKey: Uint8Array
  readonly records: readonly Uint8Array[]
}

/** Makes a game without a page; its maker has Black. */
export function createNodeGame(origin: string, app: string, size = 9): NodeGame {
  const secret = new Uint8Array(randomBytes(inviteSecretBytes))
  const seatKey = new Uint8Array(randomBytes(32))
  const made = createMatchMachine({ rules: goRules }).create({
    app,
    setup: encodeSetup({ size, ruleset: 'chinese', komi: 7.5, handicap: 0 }),
    seat: 0,
    name: 'Black',
    clock: { type: 'none' },
    secret,
    seatKey,
    now: Date.now(),
  })
  if (!made.ok) throw new Error(`The game cannot be made: ${made.code}`)
  const link = new URL(`#${playFragment(made.value.match, secret).replace(/^#/, '')}`, origin).href
  return { link, seatKey, records: [made.value.genesis] }
}

/** Calls back whenever a way to the others stands, for the first time or again; answers how to stop that. */
function followLines(peer: Peer, reached: () => void): () => void {
  const told = new AbortController()
  const { signal } = told
  peer.addEventListener('link:change', reached, { signal })
  peer.addEventListener(
    'relay:change',
    ({ detail }) => {
      if (detail.change === 'reserved') reached()
    },
    { signal },
  )
  return () => told.abort()
}

/** A player without a page: an honest one through the session, and a hand that writes what no honest one would. */
export class NodePlayer implements AsyncDisposable {
  readonly peer: Peer
  readonly session: MatchSession<GoState, readonly number[]>
  readonly seatKey: Uint8Array
  readonly #topic: Topic
  readonly #keys: { readonly topic: string; readonly messageKey: Uint8Array }
  readonly #records: Uint8Array[]

  private constructor(
    peer: Peer,
    topic: Topic,
    session: MatchSession<GoState, readonly number[]>,
    seatKey: Uint8Array,
    keys: { readonly topic: string; readonly messageKey: Uint8Array },
    records: Uint8Array[],
  ) {
    this.peer = peer
    this.#topic = topic
    this.session = session
    this.seatKey = seatKey
    this.#keys = keys
    this.#records = records
  }

  /** Opens an invite link, as the page would. */
  static open(link: string, app: string): Promise<NodePlayer> {
    return NodePlayer.start({ link, peer: { app, relays: [new URL(link).origin] } })
  }

  /** Opens an invite link, over other relays than its own, or with what is left of an earlier visit. */
  static async start(options: NodePlayerOptions): Promise<NodePlayer> {
    const { link, onMessage } = options
    const invite = parseFragment(new URL(link).hash)
    if (!invite.ok || invite.value.role !== 'play') throw new Error(`Not an invite: ${link}`)
    const { match, secret, readSecret } = invite.value
    const peer = await createPeer({ identity: 'memory', ...options.peer })
    options.onPeer?.(peer)
    const topic = await peer.topics.join(matchTopic({ secret }))
    const records: Uint8Array[] = [...(options.records ?? [])]
    const seatKey = options.seatKey ?? new Uint8Array(randomBytes(32))
    const transport = topicTransport(
      peer.id,
      topic,
      changed => {
        peer.addEventListener('topic:peers', changed)
        return () => peer.removeEventListener('topic:peers', changed)
      },
      { onReach: reached => followLines(peer, reached) },
    )
    const session = await MatchSession.open({
      machine: createMatchMachine({ rules: goRules }),
      match,
      secret,
      seatKey,
      name: 'Node',
      transport: {
        ...transport,
        listen: listener =>
          transport.listen({
            ...listener,
            onMessage(from, bytes) {
              onMessage?.(from)
              listener.onMessage(from, bytes)
            },
          }),
      },
      store: {
        load: () => Promise.resolve([...records]),
        append: (_match, added) => {
          records.push(...added)
          return Promise.resolve()
        },
      },
      clock: {
        now: () => Date.now(),
        every: (intervalMs, tick) => {
          const timer = setInterval(tick, intervalMs)
          return () => clearInterval(timer)
        },
      },
      random: length => new Uint8Array(randomBytes(length)),
    })
    return new NodePlayer(peer, topic, session, seatKey, readKeysOf(readSecret), records)
  }

  /** Resolves when the view is as wanted. */
  async until(isSo: (view: MatchSession<GoState, readonly number[]>['view']) => boolean): Promise<void> {
    if (isSo(this.session.view)) return
    await new Promise<void>(resolve => {
      const stop = this.session.on(() => {
        if (!isSo(this.session.view)) return
        stop()
        resolve()
      })
    })
  }

  /** Every record held, as stored. */
  get records(): readonly Uint8Array[] {
    return this.#records
  }

  /** The record at the head of the chain. */
  get head(): MatchRecord {
    const hash = this.session.view.head?.hash
    for (const bytes of this.#records) {
      const record = decodeRecord(bytes)
      if (record.ok && record.value.hash === hash) return record.value
    }
    throw new Error('There is no head yet.')
  }

  /** The last record that this player wrote. */
  get counter(): number {
    const own = this.#records.map(decodeRecord).filter(record => record.ok)
    const mine = own.filter(record => record.value.author === this.session.view.seats.find(seat => seat.isMe)?.key)
    return Math.max(0, ...mine.map(record => record.value.counter))
  }

  /** A record on the head, as this player would sign it, but for what the cheat changes. */
  forge(content: RecordContent, change: Partial<Omit<RecordPlace, 'author'>> = {}, key = this.seatKey): Uint8Array {
    const { head } = this
    const place = {
      match: head.match ?? Buffer.from(head.hash, 'hex').subarray(0, 20),
      parent: head.hash,
      height: head.height + 1,
      counter: this.counter + 100,
      at: Date.now(),
      ...change,
    }
    return createRecord(place, content, key).bytes
  }

  /** Publishes a message on the game's topic, sealed like any other. */
  async publish(message: MatchMessage): Promise<void> {
    const context = new TextEncoder().encode(`tsugi/1 ${this.#keys.topic}`)
    await this.#topic.publish(sealMessage(message, this.#keys.messageKey, new Uint8Array(randomBytes(24)), context))
  }

  /** Publishes bytes as they are. */
  async publishBytes(bytes: Uint8Array): Promise<void> {
    await this.#topic.publish(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.stop()
    await this.#topic.leave()
    await this.peer.stop()
  }
}
