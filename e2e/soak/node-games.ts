import { createNodeGame } from '../harness/node-player.ts'
import type { PlayerHost, RemotePlayer } from '../harness/remote-player.ts'

const app = 'soak'
const moves = [
  'E5',
  'E7',
  'G6',
  'C6',
  'D6',
  'D7',
  'C5',
  'F7',
  'G7',
  'F6',
  'G5',
  'D4',
  'E4',
  'D3',
  'E3',
  'C3',
  'C4',
  'B4',
  'F8',
  'E8',
]
const wanted = [...moves, 'pass', 'pass'].join()
/** Where White leaves and comes back. */
const awayPly = 8

/**
 * One whole game between two Node players: a spectator comes and goes, White leaves in the middle and comes back as the same person. Throws when
 * it does not end with equal chains.
 */
export async function playNodeGame(
  name: string,
  relayUrl: string,
  hosts: readonly [PlayerHost, PlayerHost],
): Promise<void> {
  const game = createNodeGame(relayUrl, app)
  const visit = { app, relays: [relayUrl], link: game.link }
  const people: RemotePlayer[] = []
  try {
    const black = await hosts[0].arrive(`${name} Black`, {
      ...visit,
      sits: true,
      seatKey: Buffer.from(game.seatKey).toString('base64url'),
      records: game.records.map(bytes => Buffer.from(bytes).toString('base64url')),
    })
    people.push(black)
    const first = await hosts[1].arrive(`${name} White`, { ...visit, sits: true })
    people.push(first)
    const watcher = await hosts[1].arrive(`${name} watcher`, { ...visit, sits: false })
    people.push(watcher)
    await Promise.all([black.play(moves), first.play(moves)])
    await first.until('is in the middle of the game', ({ view }) => (view?.ply ?? 0) >= awayPly)
    people.splice(people.indexOf(first), 1)
    const kept = await first.leave()
    const white = await hosts[1].arrive(`${name} White again`, { ...visit, ...kept, sits: true })
    people.push(white)
    await white.play(moves)
    for (const person of [black, white, watcher]) {
      await person.until('sees the end of the game', ({ view }) => view?.phase === 'over', 120_000)
      await person.until('has every move once', ({ view }) => view?.moves.join() === wanted)
      await person.until('has Black’s chain', ({ view }) => view?.head === black.view?.head)
    }
  } finally {
    await Promise.all(people.map(person => person.leave().catch(() => undefined)))
  }
}
