import type { PeerId, Stream } from '@libp2p/interface'

import { limitMessage } from './circuit-limits.ts'
import type { CircuitParts } from './circuit-parts.ts'
import { type HopExchange, type Refused, refuseExchange } from './hop-exchange.ts'
import { type StopAnswer, askTarget } from './stop-protocol.ts'

/** Connections of the target that are tried. */
const maxAttempts = 2

/** Answers CONNECT: asks the target and joins the two streams, or answers with the status that says why not. */
export async function answerConnect(parts: CircuitParts, exchange: HopExchange, targetId: PeerId): Promise<void> {
  const { circuits, policy } = parts
  const { connection, messages, signal, stream, controller } = exchange
  const sourceId = connection.remotePeer
  const [source, target] = [sourceId.toString(), targetId.toString()]
  const refused = refusal(parts, sourceId, targetId)
  if (refused !== undefined) return refuseExchange(parts, exchange, { ...refused, kind: 'connect', target })

  const id = circuits.begin({ source, target, app: policy.appOf(sourceId) }, controller)
  const fail = (reason: Refused['reason']): Promise<void> => {
    const circuit = circuits.giveUp(id)
    return refuseExchange(parts, exchange, { status: 'CONNECTION_FAILED', reason, kind: 'connect', target, circuit })
  }
  const limits = parts.limits()
  const limit = limitMessage(limits)
  const answer = await reach(parts, targetId, sourceId, limit, signal)
  if (!answer.ok) {
    if (stream.status !== 'open') return fail('caller-gone')
    return fail(exchange.isLate ? 'timeout' : answer.reason)
  }
  let near: Stream
  try {
    await messages.write({ type: 'STATUS', status: 'OK', ...(limit === undefined ? {} : { limit }) }, signal)
    near = messages.unwrap()
  } catch (error) {
    answer.stream.abort(error as Error)
    return fail('caller-gone')
  }
  circuits.join(id, near, answer.stream, limits)
}

/** Why a circuit may not stand, in the order of the specification's statuses. */
function refusal(
  { policy, held, circuits, limits }: CircuitParts,
  source: PeerId,
  target: PeerId,
): Pick<Refused, 'status' | 'reason'> | undefined {
  if (source.equals(target)) return { status: 'PERMISSION_DENIED', reason: 'to-itself' }
  if (!policy.allowConnect(source, target)) return { status: 'PERMISSION_DENIED', reason: 'denied' }
  const app = policy.appOf(source)
  if (!policy.isServed(app)) return { status: 'PERMISSION_DENIED', reason: 'app-not-served' }
  if (held.get(target.toString()) === undefined) return { status: 'NO_RESERVATION', reason: 'no-reservation' }
  if (app !== policy.appOf(target)) return { status: 'PERMISSION_DENIED', reason: 'other-app' }
  if (policy.isOverloaded('connect')) return { status: 'RESOURCE_LIMIT_EXCEEDED', reason: 'overloaded' }
  const { peerCircuits } = limits()
  if (circuits.table.countOfPeer(source.toString()) >= peerCircuits) {
    return { status: 'RESOURCE_LIMIT_EXCEEDED', reason: 'caller-circuits' }
  }
  if (circuits.table.countOfPeer(target.toString()) >= peerCircuits) {
    return { status: 'RESOURCE_LIMIT_EXCEEDED', reason: 'target-circuits' }
  }
  return undefined
}

/** Asks on the newest connection first: after a reconnect the older ones may be dead without anybody having noticed. */
async function reach(
  { components }: CircuitParts,
  target: PeerId,
  source: PeerId,
  limit: ReturnType<typeof limitMessage>,
  signal: AbortSignal,
): Promise<StopAnswer> {
  const connections = components.connectionManager
    .getConnections(target)
    .filter(each => each.status === 'open' && each.limits === undefined)
    .toSorted((a, b) => b.timeline.open - a.timeline.open)
  for (const connection of connections.slice(0, maxAttempts)) {
    const answer = await askTarget(connection, source, limit, signal)
    if (answer.ok || answer.reason === 'target-refused' || signal.aborted) return answer
  }
  return { ok: false, reason: 'target-unreachable' }
}
