import type { Connection } from '@libp2p/interface'
import type { PeerId } from '@tsugi/protocol'

import type { CandidateKind, LinkRoute } from '../links/link-route.ts'

/** What a report on a WebRTC connection says, of all that it may say. */
interface Stats {
  readonly type?: string
  readonly state?: string
  readonly nominated?: boolean
  readonly selectedCandidatePairId?: string
  readonly localCandidateId?: string
  readonly remoteCandidateId?: string
  readonly candidateType?: string
}

/** What libp2p keeps under a connection that is WebRTC's. */
interface WebRtcInside {
  readonly maConn?: { readonly peerConnection?: { getStats?(): Promise<ReadonlyMap<string, Stats>> } }
}

const kinds: readonly string[] = ['host', 'srflx', 'prflx', 'relay'] satisfies CandidateKind[]

/** Looks up which way a connection goes; never throws. */
export async function routeOf(connection: Connection): Promise<LinkRoute> {
  if (!connection.direct) return { relay: relayOf(connection) ?? null, local: null, remote: null }
  const { maConn } = connection as WebRtcInside
  try {
    const report = (await maConn?.peerConnection?.getStats?.()) ?? new Map<string, Stats>()
    const all = [...report.values()]
    const selected = all.find(({ selectedCandidatePairId }) => selectedCandidatePairId !== undefined)
    // Firefox names no transport; there the nominated pair that succeeded is the one.
    const pair =
      report.get(selected?.selectedCandidatePairId ?? '') ??
      all.find(({ type, state, nominated }) => type === 'candidate-pair' && state === 'succeeded' && nominated === true)
    return {
      relay: null,
      local: kindOf(report.get(pair?.localCandidateId ?? '')),
      remote: kindOf(report.get(pair?.remoteCandidateId ?? '')),
    }
  } catch {
    return { relay: null, local: null, remote: null } // it has just closed
  }
}

/** The relay that a circuit goes through. */
export function relayOf(connection: Connection): PeerId | undefined {
  const parts = connection.remoteAddr.getComponents()
  const end = parts.findIndex(({ name }) => name === 'p2p-circuit')
  return parts.slice(0, Math.max(end, 0)).findLast(({ name }) => name === 'p2p')?.value as PeerId | undefined
}

function kindOf(candidate: Stats | undefined): CandidateKind | null {
  const kind = candidate?.candidateType
  return kind !== undefined && kinds.includes(kind) ? (kind as CandidateKind) : null
}
