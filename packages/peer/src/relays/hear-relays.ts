import type { Connection, Stream } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'
import { relaysProtocol } from '@tsugi/protocol'

import type { MeshNode } from '../node/create-node.ts'
import type { TopicRoutes } from '../topic-routes.ts'
import { hearRelay } from './ask-relay.ts'
import type { RelayPool } from './relay-pool.ts'

/** A relay that drains waits for us no longer than that. */
const movingMs = 8_000

/** What {@link hearRelays} needs. */
export interface HearRelaysOptions {
  readonly node: MeshNode
  readonly tasks: TaskGroup
  readonly relays: Pick<RelayPool, 'isConnectedRelay' | 'noteDescribed'>
  readonly routes: Pick<TopicRoutes, 'untilBeside'>
  /** Of one description. */
  readonly maxBytes: number
}

/** From now on our relays tell what becomes of them, and one that drains is moved away from. Nobody else is listened to. [W5] */
export async function hearRelays({ node, tasks, relays, routes, maxBytes }: HearRelaysOptions): Promise<void> {
  const onTold = (stream: Stream, { remotePeer }: Connection): void => {
    const relay = remotePeer.toString()
    if (!relays.isConnectedRelay(relay)) {
      stream.abort(new Error('Only our relays are listened to.'))
      return
    }
    tasks.run('told', signal => {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(movingMs)])
      return hearRelay(stream, maxBytes, inTime, async described => {
        if (described.peerId !== relay) return
        await relays.noteDescribed(relay, described, inTime)
        if (described.draining) await routes.untilBeside(relay, inTime)
      })
    })
  }
  await node.handle(relaysProtocol, onTold, { maxInboundStreams: 2 })
}
