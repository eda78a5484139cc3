import type { Link } from '@tsugi/peer'
import { expect, it } from 'vitest'

import { beforeMesh } from '../network/mesh-status.ts'
import { lineOf } from './line-watch.ts'
import type { GoMatchView } from './match-model.ts'

const ready = { ...beforeMesh, state: 'ready' } as const
const offline = { ...beforeMesh, state: 'offline' } as const
const view = (present: readonly (number | null)[]) =>
  ({
    mySeat: 0,
    presence: present.map(seat => ({ peer: `peer${seat}`, seat, name: '', status: 'here', since: 0 })),
  }) as unknown as GoMatchView
const peer = (link: Partial<Link> | undefined) =>
  ({ links: { get: () => link } }) as unknown as Parameters<typeof lineOf>[0]

it('is direct even while the relay is away', () => {
  expect(lineOf(peer({ kind: 'direct', roundTripMs: 12, reason: 'WebRTC stands' }), view([1]), offline)).toEqual({
    kind: 'direct',
    roundTripMs: 12,
    reason: 'WebRTC stands.',
  })
})

it('is relayed over a circuit, or by the relay’s route when there is none', () => {
  expect(lineOf(peer({ kind: 'relayed', roundTripMs: 40, reason: '' }), view([1]), ready).kind).toBe('relayed')
  expect(lineOf(peer({ kind: 'relayed', roundTripMs: null, reason: '' }), view([1]), ready).kind).toBe('route')
  expect(lineOf(peer(undefined), view([1]), ready).kind).toBe('route')
})

it('is nobody’s while the opponent is not there, whoever watches', () => {
  expect(lineOf(peer(undefined), view([null]), ready).kind).toBe('alone')
  expect(lineOf(peer(undefined), view([]), offline).kind).toBe('offline')
})
