// A process that plays games without a page: requests as JSON lines on stdin, answers and events on stdout. See player-messages.ts.
import { createInterface } from 'node:readline'

import { formatVertex, parseVertex } from '@tsugi/go'
import type { Peer } from '@tsugi/peer'

import { NodePlayer } from './node-player.ts'
import type { PlayerAnswer, PlayerEvent, PlayerRequest, PlayerView, Visit } from './player-messages.ts'
import { StreamCounter } from './stream-counter.ts'

/** One player of this process. */
interface Guest {
  readonly player: NodePlayer
  readonly stop: () => void
  readonly counter: StreamCounter
  /** How long it thinks about a move; undefined while it does not play by itself. */
  thinkMs: number | undefined
}

const guests = new Map<string, Guest>()
const startedAt = Date.now() - performance.now()

function write(line: PlayerAnswer | PlayerEvent): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** A union's members lose their own fields under a plain `Omit`. */
type Told = PlayerEvent extends infer Each ? (Each extends PlayerEvent ? Omit<Each, 'player' | 'at'> : never) : never

function tell(player: string, event: Told): void {
  write({ player, at: startedAt + performance.now(), ...event })
}

function viewOf({ session }: NodePlayer): PlayerView {
  const { view } = session
  const size = view.state?.setup.size ?? 9
  return {
    phase: view.phase,
    ply: view.ply,
    moves: view.moves.map(({ kind, move }) => (kind === 'pass' ? 'pass' : formatVertex(move as number, size))),
    position: Array.from(view.state?.board ?? [], stone => '.XO'[stone]).join(''),
    head: view.head?.hash ?? null,
    outcome: view.outcome?.text ?? null,
    refused: Object.values(view.refusals).reduce((sum, count) => sum + count, 0),
    proofs: view.proofs.length,
  }
}

function follow(name: string, peer: Peer): void {
  peer.addEventListener('link:change', ({ detail }) => {
    const { kind, state, reason, upgradeAttempts } = detail.link
    tell(name, { event: 'link', link: { peer: detail.peer, kind, state, reason, upgradeAttempts } })
  })
  peer.addEventListener('relay:change', ({ detail }) => {
    const { source, reason = '', transport: by = '' } = detail.relay
    tell(name, { event: 'relay', change: detail.change, source, reason, by })
  })
  peer.addEventListener('ready', () => tell(name, { event: 'state', state: 'ready' }))
  peer.addEventListener('offline', () => tell(name, { event: 'state', state: 'offline' }))
}

async function arrive(name: string, visit: Visit): Promise<string> {
  if (guests.has(name)) throw new Error(`${name} is here already.`)
  let hasHeard = false
  const player = await NodePlayer.start({
    link: visit.link,
    peer: { app: visit.app, relays: visit.relays, webrtc: visit.webrtc ?? true },
    ...(visit.seatKey !== undefined && { seatKey: Buffer.from(visit.seatKey, 'base64url') }),
    ...(visit.records !== undefined && { records: visit.records.map(text => Buffer.from(text, 'base64url')) }),
    onPeer: peer => follow(name, peer),
    onMessage() {
      if (!hasHeard) tell(name, { event: 'heard' })
      hasHeard = true
    },
  })
  let last = ''
  let isSitting = false
  const look = (): void => {
    if (visit.sits && !isSitting && player.session.view.phase === 'waiting' && player.session.view.mySeat === null) {
      isSitting = true
      void player.session.act({ type: 'sit', name }).finally(() => (isSitting = false))
    }
    const view = viewOf(player)
    const text = JSON.stringify(view)
    if (text === last) return
    last = text
    tell(name, { event: 'view', view })
  }
  const counter = new StreamCounter(player.peer, (received, route) => tell(name, { event: 'counted', received, route }))
  guests.set(name, { player, stop: player.session.on(look), counter, thinkMs: undefined })
  look()
  return player.peer.id
}

/** Plays by itself until the game is over. What is refused (somebody was faster) is tried again after the next change. */
function play(guest: Guest, moves: readonly string[], thinkMs: number): void {
  const isPlaying = guest.thinkMs !== undefined
  guest.thinkMs = thinkMs
  if (isPlaying) return
  const { session } = guest.player
  let isBusy = false
  let hasNews = false
  const act = async (): Promise<void> => {
    const { view } = session
    const size = view.state?.setup.size ?? 9
    if (view.phase === 'playing' && view.mySeat !== null && view.turn === view.mySeat) {
      const move = moves[view.ply]
      await session.act(
        move === undefined || move === 'pass' ? { type: 'pass' } : { type: 'move', move: parseVertex(move, size) },
      )
    } else if (view.phase === 'settling' && view.mySeat !== null && view.settling !== null) {
      const { settling } = view
      if (settling.by === null && view.mySeat === 0) await session.act({ type: 'propose', proposal: [] })
      else if (settling.by !== null && !settling.accepted.includes(view.mySeat)) await session.act({ type: 'accept' })
    }
  }
  const mustAct = (): boolean => session.view.mySeat !== null && session.view.turn === session.view.mySeat
  const look = (): void => {
    hasNews = true
    // Thinking begins with the turn.
    if (isBusy || !(mustAct() || session.view.phase === 'settling')) return
    isBusy = true
    setTimeout(() => {
      hasNews = false
      act()
        .catch(() => {})
        .finally(() => {
          isBusy = false
          if (hasNews) look()
          // What was refused, for whatever reason, is tried again, unless its player has left meanwhile.
          else if (mustAct() && [...guests.values()].includes(guest)) setTimeout(look, 1_000)
        })
    }, guest.thinkMs)
  }
  const stop = session.on(({ type }) => {
    if (session.view.phase === 'over') stop()
    else if (type === 'changed') look()
  })
  look()
}

async function leave(name: string): Promise<{ seatKey: string; records: string[] }> {
  const { player, stop } = guestOf(name)
  guests.delete(name)
  stop()
  await player[Symbol.asyncDispose]()
  return {
    seatKey: Buffer.from(player.seatKey).toString('base64url'),
    records: player.records.map(bytes => Buffer.from(bytes).toString('base64url')),
  }
}

function guestOf(name: string): Guest {
  const guest = guests.get(name)
  if (guest === undefined) throw new Error(`${name} is not here.`)
  return guest
}

async function carryOut(request: PlayerRequest): Promise<unknown> {
  const { player: name } = request
  switch (request.do) {
    case 'arrive':
      return arrive(name, request.visit)
    case 'play':
      play(guestOf(name), request.moves, request.thinkMs)
      return null
    case 'act':
      return guestOf(name).player.session.act({ type: request.act })
    case 'count':
      guestOf(name).counter.count(request.with)
      return null
    case 'stop counting':
      return guestOf(name).counter.stop()
    case 'stats': {
      const { peer } = guestOf(name).player
      return {
        ...peer.stats(),
        links: peer.links.list(),
        relays: peer.relays.list(),
        rssBytes: process.memoryUsage.rss(),
      }
    }
    case 'sizes':
      globalThis.gc?.()
      return {
        players: guests.size,
        rssBytes: process.memoryUsage.rss(),
        heapBytes: process.memoryUsage().heapUsed,
        resources: process.getActiveResourcesInfo().length,
      }
    case 'leave':
      return leave(name)
  }
}

createInterface({ input: process.stdin })
  .on('line', line => {
    const request = JSON.parse(line) as PlayerRequest
    carryOut(request).then(
      (value: unknown) => write({ id: request.id, ok: true, value: value ?? null }),
      (error: unknown) =>
        write({ id: request.id, ok: false, error: error instanceof Error ? error.message : String(error) }),
    )
  })
  // Whoever started this process is gone.
  .on('close', () => process.exit(0))
