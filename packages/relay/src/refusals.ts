import type { ListenerRefusal } from '@tsugi/webtransport-listener'

import type { WebRtcRefusal } from './admission/webrtc-gate.ts'
import type { ArchiveRefusal } from './archive/archive-service.ts'
import type { CircuitRefusalReason } from './circuit/circuit-events.ts'
import type { RecordRefusal } from './records/record-service.ts'
import type { WebSocketRefusal } from './websocket/websocket-listener.ts'
import type { YamuxEnd } from './yamux/relay-yamux.ts'

/** Everything that the relay turns away, by reason. The reason is the label of `tsugi_refusals_total`. */
export type RefusalReason =
  | `circuit/${CircuitRefusalReason}`
  | RecordRefusal
  | ArchiveRefusal
  | WebSocketRefusal
  | YamuxEnd
  | `webtransport/${ListenerRefusal}`
  | 'ban/peer'
  | 'ban/address'
  | 'address/joins'
  | 'address/peers'
  | 'peer/connections'
  | WebRtcRefusal
  | 'connection/unsettled'
  | 'peer/slow'
  | 'peer/unused'
  | 'relay/peers'
  | 'relay/memory'
  | 'relay/draining'
  | 'app/malformed'
  | 'app/not-served'
  | 'app/full'
  | 'app/timeout'
  | 'topic/app'
  | 'topic/name-too-long'
  | 'topic/peer-limit'
  | 'topic/relay-limit'
  | 'message/too-large'
  | 'message/rate'
  | 'message/forward-rate'
  | 'message/unknown-topic'
  | 'dht/rate'
  | 'relays/rate'
  | 'relays/malformed'
  | 'stun/malformed'
  | 'stun/rate'

/** Counts refusals, and tells whoever listens. */
export class Refusals {
  readonly #counts = new Map<RefusalReason, number>()
  readonly #onRefused: ((reason: RefusalReason, detail?: string) => void) | undefined

  constructor(onRefused?: (reason: RefusalReason, detail?: string) => void) {
    this.#onRefused = onRefused
  }

  /** @param detail - whom or what, for a log: an address, a peer id, a topic */
  add(reason: RefusalReason, detail?: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
    this.#onRefused?.(reason, detail)
  }

  /** How often each reason came up; reasons that never did are absent. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
