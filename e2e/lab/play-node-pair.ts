import { createNodeGame } from '../harness/node-player.ts'
import type { PlayerHost, RemotePlayer } from '../harness/remote-player.ts'
import type { PairResult } from './pair-result.ts'
import { type PublicRelay, relayUrl } from './public-relay.ts'
import { type SiteKind, canBeDirect } from './site-kinds.ts'
import type { Site } from './site.ts'

/** A short real opening; then both pass and agree. */
const moves = ['E5', 'E7', 'G6', 'C6', 'D6', 'D7', 'C5', 'F7']
const app = 'lab'
/** A line over a bad network may need more than one attempt. */
const directDeadlineMs = 60_000
/** One attempt takes 7 s until it is given up. */
const refusalDeadlineMs = 40_000

/** One end of a pair. */
export interface NodeEnd {
  readonly kind: SiteKind
  readonly site: Site
  readonly host: PlayerHost
}

/** Two Node players meet by an invite, get the line that they can, and play to the end. */
export async function playNodePair(
  ends: readonly [NodeEnd, NodeEnd],
  relays: readonly PublicRelay[],
  label: string,
): Promise<PairResult> {
  const expected = canBeDirect(ends[0].site.traits, ends[1].site.traits) ? 'direct' : 'relayed'
  const game = createNodeGame(relays[0]!.process.url, app)
  const players: RemotePlayer[] = []
  let problem: string | undefined
  let isPlayed = false
  try {
    for (const [index, { site, host }] of ends.entries()) {
      const isMaker = index === 0
      const player = await host.arrive(`${label}-${isMaker ? 'black' : 'white'}`, {
        app,
        relays: relays.map(relay => relayUrl(relay, site)),
        link: game.link,
        sits: true,
        ...(isMaker && {
          seatKey: Buffer.from(game.seatKey).toString('base64url'),
          records: game.records.map(bytes => Buffer.from(bytes).toString('base64url')),
        }),
      })
      players.push(player)
      // Whoever shares a link has seen their own page come up first.
      if (isMaker) await player.until('is online', ({ state }) => state === 'ready')
    }
    const [black, white] = players as [RemotePlayer, RemotePlayer]
    await both(players, 'sits at the board', ({ view }) => view?.phase === 'playing')
    if (expected === 'direct') await both(players, 'is on a direct line', isDirect, directDeadlineMs)
    else
      await Promise.race(players.map(each => each.until('has tried for a direct line', hasFailed, refusalDeadlineMs)))
    await Promise.all(players.map(each => each.play(moves)))
    await both(players, 'sees the end of the game', ({ view }) => view?.phase === 'over')
    isPlayed = black.view?.head === white.view?.head && black.view?.moves.join() === [...moves, 'pass', 'pass'].join()
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  const line =
    players.length === 2 && players.every(isDirect) ? 'direct' : players.every(isRelayed) ? 'relayed' : 'none'
  const [black, white] = players
  const lead = (white?.arrivedAt ?? 0) - (black?.arrivedAt ?? 0)
  const result: PairResult = {
    sites: [ends[0].kind, ends[1].kind],
    players: 'Node',
    expected,
    line,
    firstMessageMs: white?.firstHeardMs,
    directMs: later(minus(black?.firstDirectMs, lead), white?.firstDirectMs),
    isPlayed,
    problem,
  }
  await Promise.all(players.map(player => player.leave().catch(() => undefined)))
  return result
}

async function both(
  players: readonly RemotePlayer[],
  what: string,
  isSo: (player: RemotePlayer) => boolean,
  deadlineMs?: number,
): Promise<void> {
  await Promise.all(players.map(player => player.until(what, isSo, deadlineMs)))
}

function isDirect({ links }: RemotePlayer): boolean {
  return [...links.values()].some(({ kind }) => kind === 'direct')
}

function isRelayed({ links }: RemotePlayer): boolean {
  return [...links.values()].some(({ kind }) => kind === 'relayed')
}

function hasFailed({ links }: RemotePlayer): boolean {
  return [...links.values()].some(
    ({ kind, upgradeAttempts, reason }) =>
      kind === 'direct' || (upgradeAttempts > 0 && reason.startsWith('no direct line')),
  )
}

function minus(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value - by
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b)
}
