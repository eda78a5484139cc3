import type { Libp2p } from '@libp2p/interface'
import { StoreMonitor, type StoreWarning, type TaskGroup } from '@tsugi/bounded'
import { type Limits, keepingProtocol } from '@tsugi/protocol'
import type { Datastore } from 'interface-datastore'

import type { Refusals } from '../refusals.ts'
import { RecordService, type RecordServiceOptions, maxRecordStreams } from './record-service.ts'
import { RecordStore, type RecordStoreStats } from './record-store.ts'

/** What {@link openRecordRoom} needs. */
export interface RecordRoomOptions extends Pick<RecordServiceOptions, 'isServed' | 'isOnTopic' | 'bandwidth'> {
  readonly datastore: Datastore
  readonly limits: Limits
  readonly refusals: Refusals
  readonly onEvent: (warning: StoreWarning<'records'>) => void
}

/** The relay's store of sealed records and its protocol. */
export interface RecordRoom {
  /** Serves a node that has started; ends with `tasks`. */
  attach(node: Pick<Libp2p, 'handle'>, tasks: TaskGroup): Promise<void>
  stats(): RecordStoreStats
  /** Resolves when what was taken in is written. */
  settled(): Promise<void>
}

const monitorMs = 10_000
const sweepMs = 10 * 60_000

/** Opens the store; `attach` follows once the node has started. */
export async function openRecordRoom(options: RecordRoomOptions): Promise<RecordRoom> {
  const { datastore, limits, onEvent } = options
  const store = await RecordStore.open({ datastore, limits })
  const monitor = new StoreMonitor({
    store: 'records',
    onWarning: onEvent,
    read() {
      const { operations, records, bytes, games } = store.stats()
      const used = Math.max(bytes / limits.relayKeptBytes, games / limits.relayKeptGames)
      return { operations, logs: records, bytes, used }
    },
  })
  return {
    async attach(node, tasks) {
      const service = new RecordService({ ...options, store, tasks })
      tasks.interval('sweep', sweepMs, () => store.sweep())
      tasks.interval('monitor', monitorMs, () => monitor.check())
      await node.handle(keepingProtocol, (stream, connection) => service.accept(stream, connection), {
        maxInboundStreams: maxRecordStreams,
      })
    },
    stats: () => store.stats(),
    settled: () => store.settled(),
  }
}
