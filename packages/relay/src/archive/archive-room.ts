import type { Libp2p } from '@libp2p/interface'
import { StoreMonitor, type StoreWarning, type TaskGroup } from '@tsugi/bounded'
import { type Limits, archiveProtocol } from '@tsugi/protocol'
import type { Datastore } from 'interface-datastore'

import type { Refusals } from '../refusals.ts'
import { ArchiveService } from './archive-service.ts'
import { type ArchiveStats, ArchiveStore } from './archive-store.ts'
import type { ArchivedChain, ArchivedGame } from './archived-game.ts'
import type { VerifyGame } from './verified-game.ts'

/** The games that were published here. */
export interface Archive {
  /** Without their records, the latest first. */
  list(): ArchivedGame[]
  /** A game with its signed records; `undefined` when there is none. */
  get(id: string): Promise<ArchivedChain | undefined>
  /** Answers whether there was one. */
  remove(id: string): Promise<boolean>
}

/** What {@link openArchiveRoom} needs. */
export interface ArchiveRoomOptions {
  readonly datastore: Datastore
  readonly limits: Limits
  readonly refusals: Refusals
  /** Without it nothing is published here; what was before can be read. */
  readonly verify: VerifyGame | undefined
  readonly isServed: (app: string) => boolean
  readonly bandwidth: { spendBeside(bytes: number): number }
  readonly onEvent: (warning: StoreWarning<'archive'>) => void
}

/** The relay's archive and its protocol. */
export interface ArchiveRoom {
  readonly archive: Archive
  /** Serves a node that has started; ends with `tasks`. */
  attach(node: Pick<Libp2p, 'handle' | 'peerId'>, tasks: TaskGroup): Promise<void>
  stats(): ArchiveStats
}

const monitorMs = 10_000
const sweepMs = 3_600_000

/** Opens the archive; `attach` follows once the node has started. */
export async function openArchiveRoom(options: ArchiveRoomOptions): Promise<ArchiveRoom> {
  const { datastore, limits, verify, onEvent } = options
  const store = await ArchiveStore.open({ datastore, limits })
  const monitor = new StoreMonitor({
    store: 'archive',
    onWarning: onEvent,
    read() {
      const { operations, games, bytes } = store.stats()
      const used = Math.max(bytes / limits.relayArchiveBytes, games / limits.relayArchivedGames)
      return { operations, logs: games, bytes, used }
    },
  })
  return {
    archive: { list: () => store.list(), get: id => store.get(id), remove: id => store.remove(id) },
    async attach(node, tasks) {
      tasks.interval('sweep', sweepMs, () => store.sweep())
      tasks.interval('monitor', monitorMs, () => monitor.check())
      if (verify === undefined) return
      const service = new ArchiveService({ ...options, verify, store, tasks, relayId: node.peerId.toString() })
      await node.handle(archiveProtocol, (stream, connection) => service.accept(stream, connection), {
        maxInboundStreams: 4,
      })
    },
    stats: () => store.stats(),
  }
}
