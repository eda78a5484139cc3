import type { Connection } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import {
  type AppId,
  type KeepingAnswer,
  type KeepingRequest,
  type PublicationAnswer,
  type PublicationPart,
  type Result,
  type TopicName,
  archiveProtocol,
  batchesOf,
  decodeKeepingAnswer,
  decodePublicationAnswer,
  defaultLimits,
  encodeCanonical,
  keepingProtocol,
  keptIdBytes,
  keptRecordId,
  wireTopic,
} from '@tsugi/protocol'

/** Sealed records that relays keep for readers of a topic who are away. What comes back is a stranger's word. [Q1]–[Q8] */
export interface KeptRecords {
  /** Has records kept by every relay that is connected; resolves to whether each has all of them on disk. */
  keep(topic: string, sealed: readonly Uint8Array[]): Promise<boolean>
  /** Compares with every relay that is connected; resolves to whether that went well with each. */
  compare(topic: string, comparison: KeptComparison): Promise<boolean>
  /** Gives a finished game to every relay that is connected; resolves to whether one of them keeps it in its archive. */
  publish(publication: Publication): Promise<boolean>
}

/** A finished game, and a player's word that a relay may keep it in the clear. [A2] [A3] */
export interface Publication {
  readonly records: readonly Uint8Array[]
  /** The word for one relay, named by its peer id. */
  readonly sign: (relay: string) => { readonly key: Uint8Array; readonly signature: Uint8Array }
}

/** One side of a comparison. */
export interface KeptComparison {
  /** All that is held here. */
  readonly held: () => readonly Uint8Array[]
  /** Ids of what relays have handed over before. */
  readonly seen: readonly Uint8Array[]
  /** Whether what a relay lacks is brought to it; that needs the topic to be joined. */
  readonly mayBring: boolean
  /** Called with what relays keep beside that, as it comes. */
  readonly onFound: (sealed: readonly Uint8Array[]) => void
}

type Answer = KeepingAnswer | PublicationAnswer
/** One request or part of it, or the answer to it, at a time. */
interface Line<A extends Answer> {
  send(message: KeepingRequest | PublicationPart): Promise<void>
  read(): Promise<A>
}

const timeoutMs = 10_000
/** What a relay may hand over in one comparison: the shares of all writers of a game, twice over for relays that keep more. */
const maxFound = 2 * defaultLimits.gameWriters * defaultLimits.gameWriterRecords

/** Speaks the relays' protocols for records. */
export class RecordRelays implements KeptRecords {
  readonly #app: AppId
  readonly #connections: () => Connection[]

  /** @param connections - one to each relay that is connected */
  constructor(app: AppId, connections: () => Connection[]) {
    this.#app = app
    this.#connections = connections
  }

  keep(topic: string, sealed: readonly Uint8Array[]): Promise<boolean> {
    return all(this.#withEach(keepingProtocol, decodeKeepingAnswer, line => put(line, this.#wire(topic), sealed)))
  }

  compare(topic: string, { held, seen, mayBring, onFound }: KeptComparison): Promise<boolean> {
    const wire = this.#wire(topic)
    let own: readonly Uint8Array[] | undefined
    const compareWith = async (line: Line<KeepingAnswer>): Promise<boolean> => {
      own ??= held()
      const ids = own.map(keptRecordId)
      await line.send({ t: 'get', topic: wire, have: joined([...ids, ...seen]) })
      let answer = await line.read()
      for (let room = maxFound; answer.t === 'records'; answer = await line.read()) {
        room -= answer.records.length
        if (room < 0) throw new Error('A relay hands over more than any game has.')
        onFound(answer.records)
      }
      if (answer.t !== 'got') return false
      const lacks = new Set(parted(answer.lacks).map(String))
      const missing = own.filter((_, index) => lacks.has(String(ids[index])))
      return !mayBring || put(line, wire, missing)
    }
    return all(this.#withEach(keepingProtocol, decodeKeepingAnswer, compareWith))
  }

  async publish({ records, sign }: Publication): Promise<boolean> {
    const outcomes = await this.#withEach(archiveProtocol, decodePublicationAnswer, async (line, relay) => {
      for (const batch of batchesOf(records)) await line.send({ t: 'records', records: batch })
      await line.send({ t: 'publish', ...sign(relay) })
      return (await line.read()).t === 'archived'
    })
    return outcomes.includes(true)
  }

  #wire(topic: string): string {
    return wireTopic(this.#app, topic as TopicName)
  }

  #withEach<A extends Answer>(
    protocol: string,
    decode: (bytes: Uint8Array) => Result<A>,
    exchange: (line: Line<A>, relay: string) => Promise<boolean>,
  ): Promise<boolean[]> {
    return Promise.all(this.#connections().map(each => converse(each, protocol, decode, exchange).catch(() => false)))
  }
}

/** Whether something went well with each relay, and there is one. */
async function all(outcomes: Promise<readonly boolean[]>): Promise<boolean> {
  const done = await outcomes
  return done.length > 0 && !done.includes(false)
}

async function converse<A extends Answer>(
  connection: Connection,
  protocol: string,
  decode: (bytes: Uint8Array) => Result<A>,
  exchange: (line: Line<A>, relay: string) => Promise<boolean>,
): Promise<boolean> {
  const withinTime = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(timeoutMs) })
  const stream = await connection.newStream(protocol, withinTime())
  const framed = lpStream(stream, { maxDataLength: defaultLimits.gameMessageBytes })
  const line: Line<A> = {
    send: message => framed.write(encodeCanonical(message), withinTime()),
    async read() {
      const answer = decode((await framed.read(withinTime())).subarray())
      if (!answer.ok) throw new Error(answer.code)
      return answer.value
    },
  }
  try {
    return await exchange(line, connection.remotePeer.toString())
  } finally {
    stream.close().catch(() => stream.abort(new Error('The relay does not close.')))
  }
}

async function put(line: Line<KeepingAnswer>, topic: string, sealed: readonly Uint8Array[]): Promise<boolean> {
  for (const records of batchesOf(sealed)) {
    await line.send({ t: 'put', topic, records })
    const answer = await line.read()
    if (answer.t !== 'stored' || answer.count < records.length) return false
  }
  return true
}

function joined(ids: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * keptIdBytes)
  for (const [index, id] of ids.entries()) bytes.set(id, index * keptIdBytes)
  return bytes
}

function parted(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / keptIdBytes }, (_, index) =>
    bytes.subarray(index * keptIdBytes, (index + 1) * keptIdBytes),
  )
}
