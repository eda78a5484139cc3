import type { Connection, Stream } from '@libp2p/interface'
import type { Timers } from '@tsugi/bounded'

import type { CircuitRefusalReason } from './circuit-events.ts'
import { type CircuitStatus, type HopMessage, hopMessage } from './circuit-messages.ts'
import type { CircuitParts } from './circuit-parts.ts'
import type { CircuitRecord } from './circuit-table.ts'
import { answerAndClose } from './hop-responder.ts'
import { type MessageStream, createMessageStream } from './message-stream.ts'

/** From the request to the answer, the target's included. */
const handshakeTimeoutMs = 30_000
/** A refusal has a short time of its own: the handshake's may be over. */
const refusalTimeoutMs = 5_000

/** One request on a HOP stream, until it is answered. */
export interface HopExchange {
  readonly stream: Stream
  readonly connection: Connection
  readonly messages: MessageStream<HopMessage>
  /** Aborts when the caller goes, when it took too long, or when the exchange is given up. */
  readonly controller: AbortController
  readonly signal: AbortSignal
  /** Whether it is over because it took too long. */
  readonly isLate: boolean
  /** Ends the following of the stream; the stream stays. */
  end(): void
}

/** Begins an exchange. Whoever begins it ends it. */
export function beginExchange(stream: Stream, connection: Connection, timers: Timers): HopExchange {
  const controller = new AbortController()
  let isLate = false
  const timer = timers.setTimeout(() => {
    isLate = true
    controller.abort(new Error('The request took too long.'))
  }, handshakeTimeoutMs)
  const onClose = (): void => controller.abort(new Error('The caller has gone.'))
  stream.addEventListener('close', onClose)
  return {
    stream,
    connection,
    messages: createMessageStream(stream, hopMessage),
    controller,
    signal: controller.signal,
    get isLate() {
      return isLate
    },
    end() {
      timers.clearTimeout(timer)
      stream.removeEventListener('close', onClose)
    },
  }
}

/** What a refusal is about. */
export interface Refused {
  readonly status: CircuitStatus
  readonly reason: CircuitRefusalReason
  readonly kind: 'reserve' | 'connect'
  readonly target?: string
  readonly circuit?: CircuitRecord | undefined
}

/** Answers with a status that is not OK, and tells why. */
export async function refuseExchange(
  { timers, emit }: CircuitParts,
  exchange: HopExchange,
  { status, reason, kind, target, circuit }: Refused,
): Promise<void> {
  const peer = exchange.connection.remotePeer.toString()
  if (kind === 'reserve') {
    emit({ type: 'reservation:refused', peer, status, reason })
  } else {
    const named = { ...(target !== undefined && { target }), ...(circuit !== undefined && { circuit }) }
    emit({ type: 'circuit:failed', source: peer, ...named, status, reason })
  }
  await answerAndClose(exchange.stream, exchange.messages, { status }, AbortSignal.timeout(refusalTimeoutMs), timers)
}
