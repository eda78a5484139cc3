import type { Connection } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import {
  type AppId,
  type KeepingAnswer,
  type KeepingRequest,
  type TopicName,
  batchesOf,
  decodeKeepingAnswer,
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

type Ask = (request: KeepingRequest) => Promise<KeepingAnswer>
type Exchange = (ask: Ask, read: () => Promise<KeepingAnswer>) => Promise<boolean>

const timeoutMs = 10_000

/** Speaks the relays' protocol for kept records. */
export class RecordRelays implements KeptRecords {
  readonly #app: AppId
  readonly #connections: () => Connection[]

  /** @param connections - one to each relay that is connected */
  constructor(app: AppId, connections: () => Connection[]) {
    this.#app = app
    this.#connections = connections
  }

  keep(topic: string, sealed: readonly Uint8Array[]): Promise<boolean> {
    return this.#withEach(ask => put(ask, this.#wire(topic), sealed))
  }

  compare(topic: string, { held, seen, mayBring, onFound }: KeptComparison): Promise<boolean> {
    const wire = this.#wire(topic)
    let own: readonly Uint8Array[] | undefined
    return this.#withEach(async (ask, read) => {
      own ??= held()
      const ids = own.map(keptRecordId)
      let answer = await ask({ t: 'get', topic: wire, have: joined([...ids, ...seen]) })
      for (; answer.t === 'records'; answer = await read()) onFound(answer.records)
      if (answer.t !== 'got') return false
      const lacks = new Set(parted(answer.lacks).map(String))
      return (
        !mayBring ||
        put(
          ask,
          wire,
          own.filter((_, index) => lacks.has(String(ids[index]))),
        )
      )
    })
  }

  #wire(topic: string): string {
    return wireTopic(this.#app, topic as TopicName)
  }

  async #withEach(exchange: Exchange): Promise<boolean> {
    const outcomes = await Promise.all(this.#connections().map(each => converse(each, exchange).catch(() => false)))
    return outcomes.length > 0 && outcomes.every(Boolean)
  }
}

async function converse(connection: Connection, exchange: Exchange): Promise<boolean> {
  const stream = await connection.newStream(keepingProtocol, { signal: AbortSignal.timeout(timeoutMs) })
  const framed = lpStream(stream, { maxDataLength: defaultLimits.gameMessageBytes })
  const read = async (): Promise<KeepingAnswer> => {
    const answer = decodeKeepingAnswer((await framed.read({ signal: AbortSignal.timeout(timeoutMs) })).subarray())
    if (!answer.ok) throw new Error(answer.code)
    return answer.value
  }
  try {
    return await exchange(async request => {
      await framed.write(encodeCanonical(request), { signal: AbortSignal.timeout(timeoutMs) })
      return read()
    }, read)
  } finally {
    stream.close().catch(() => stream.abort(new Error('The relay does not close.')))
  }
}

async function put(ask: Ask, topic: string, sealed: readonly Uint8Array[]): Promise<boolean> {
  for (const records of batchesOf(sealed)) {
    const answer = await ask({ t: 'put', topic, records })
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
