import type { Peer } from '@tsugi/peer'

import type { MeshStatus } from '../network/mesh-status.ts'
import type { LineModel } from './game-model.ts'
import type { GoMatchView } from './match-model.ts'

/** Before the network is up. */
export const noLine: LineModel = { kind: 'offline', roundTripMs: null, reason: 'Still connecting.' }

/** What kind of line there is to the opponent; for a watcher, to the player with the best one. */
export function lineOf(peer: Pick<Peer, 'links'>, view: GoMatchView, mesh: MeshStatus): LineModel {
  const others = view.presence.filter(({ seat }) => seat !== null && seat !== view.mySeat)
  const links = others.map(other => peer.links.get(other.peer))
  const best =
    links.find(link => link?.kind === 'direct') ?? links.find(link => link?.kind === 'relayed') ?? links.find(Boolean)
  if (best?.kind === 'direct') return { kind: 'direct', roundTripMs: best.roundTripMs, reason: sentence(best.reason) }
  if (mesh.state !== 'ready') {
    return { kind: 'offline', roundTripMs: null, reason: mesh.state === 'connecting' ? 'Still connecting.' : '' }
  }
  if (others.length === 0) return { kind: 'alone', roundTripMs: null, reason: '' }
  if (best?.kind === 'relayed' && best.roundTripMs !== null) {
    return { kind: 'relayed', roundTripMs: best.roundTripMs, reason: sentence(best.reason) }
  }
  return { kind: 'route', roundTripMs: null, reason: sentence(best?.reason ?? '') }
}

function sentence(reason: string): string {
  const text = reason.trim()
  if (text === '') return ''
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}
