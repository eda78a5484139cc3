import { encodeSetup, goRules, parseSgf, sgfToGame } from '@tsugi/go'
import { type Intent, createMatchMachine } from '@tsugi/match'
import { createRecord, decodeRecord, parseMatchId, toHex } from '@tsugi/protocol'
import { expect, onTestFinished, test } from 'vitest'

import { checkGame } from './check-game.ts'
import { verifyInWorker } from './verify-in-worker.ts'

const now = 1_700_000_000_000
const key = (byte: number, length = 32) => new Uint8Array(length).fill(byte)
const machine = createMatchMachine({ rules: goRules })

/** Plays a game of Go between two machines, and answers its records, parents first. */
function playGame(intents: readonly Intent[], first = 0) {
  const secret = key(1, 16)
  const setup = encodeSetup({ size: 9, ruleset: 'japanese', komi: 6.5, handicap: 0 })
  const created = machine.create({
    app: 'go.tsugi',
    setup,
    seat: 0,
    name: 'Ann',
    clock: { type: 'none' },
    secret,
    seatKey: key(2),
    now,
  })
  if (!created.ok) throw new Error(created.code)
  const { match, genesis } = created.value
  const sides = [key(2), key(3)].map((seatKey, index) => {
    const peer = `peer ${index}`
    return machine.open({ match, peer, secret, seatKey, records: [genesis], now, name: 'Ben' }).state
  })
  const turns: readonly (readonly [number, Intent])[] = [
    [1, { type: 'sit', name: 'Ben' }],
    ...intents.map((intent, index): [number, Intent] => [(first + index) % 2, intent]),
  ]
  for (const [index, [side, intent]] of turns.entries()) {
    const [mover, other] = [sides[side], sides[1 - side]]
    if (mover === undefined || other === undefined) throw new Error('sides')
    const step = machine.step(mover, { type: 'acted', intent, now: now + index * 1_000 })
    if (step.result?.ok !== true) throw new Error(`${intent.type}: ${JSON.stringify(step.result)}`)
    const records = machine.records(step.state)
    machine.step(other, { type: 'found', from: 'test', records, now: now + index * 1_000 })
  }
  const [ann] = sides
  if (ann === undefined) throw new Error('sides')
  return { match, records: machine.records(ann) }
}

const shortGame: readonly Intent[] = [
  { type: 'move', move: 40 },
  { type: 'move', move: 41 },
  { type: 'pass' },
  { type: 'resign' },
]

test('B12: a finished game is checked, and written as SGF', () => {
  const { match, records } = playGame(shortGame)
  const game = checkGame(records, now)
  expect(game).toMatchObject({
    ok: true,
    match,
    app: 'go.tsugi',
    rules: 'go',
    players: ['Ann', 'Ben'],
    result: 'B+R',
    moves: 3,
    startedAtMs: now,
    endedAtMs: now + 4_000,
  })
  if (!game.ok) throw new Error(game.code)
  expect(game.records.map(toHex)).toEqual(records.map(toHex))
  expect(game.keys).toHaveLength(2)
  const parsed = parseSgf(game.sgf ?? '')
  if (!parsed.ok) throw new Error(parsed.error.message)
  const replayed = sgfToGame(parsed.value[0] ?? { nodes: [], variations: [] })
  expect(replayed).toMatchObject({ ok: true, value: { moves: [{ vertex: 40 }, { vertex: 41 }, { vertex: null }] } })
  expect(game.sgf).toContain('PB[Ann]')
  expect(game.sgf).toContain('RE[B+R]')
})

test('B12: in whatever order its records come', () => {
  const { records } = playGame(shortGame)
  expect(checkGame(records.toReversed(), now)).toMatchObject({ ok: true, result: 'B+R' })
})

test('[A4] an offer of a rematch is left out: it opens another game', () => {
  const otherMatch = parseMatchId('A'.repeat(27))
  if (!otherMatch.ok) throw new Error(otherMatch.code)
  const { records, match } = playGame([...shortGame, { type: 'rematch', match: otherMatch.value, secret: key(9, 16) }])
  const kinds = records.map(each => decodeRecord(each)).map(each => (each.ok ? each.value.kind : ''))
  expect(kinds).toContain('rematch')
  const game = checkGame(records, now)
  expect(game).toMatchObject({ ok: true, match })
  expect(game.ok && game.records).toHaveLength(records.length - 1)
})

test('B12: what is not a whole, honest, finished game is refused', () => {
  const { records } = playGame(shortGame)
  const codeOf = (given: readonly Uint8Array[]) => {
    const game = checkGame(given, now)
    return game.ok ? 'ok' : game.code
  }
  expect(codeOf(records.slice(0, -1))).toBe('archive/not-over')
  expect(codeOf(records.slice(1))).toBe('archive/invalid')
  expect(codeOf(records.filter((_, index) => index !== 3))).toBe('archive/invalid')
  expect(codeOf([])).toBe('archive/invalid')
  expect(codeOf([...records, Uint8Array.of(1, 2, 3)])).toBe('archive/invalid')
  const last = decodeRecord(records.at(-1) ?? new Uint8Array())
  if (!last.ok) throw new Error(last.code)
  const { match, parent, height, counter, at } = last.value
  const forged = createRecord({ match, parent, height, counter, at }, { kind: 'resign', body: {} }, key(7)).bytes
  expect(codeOf([...records.slice(0, -1), forged])).toBe('archive/invalid')
})

test('a thread checks games one after another, and ends when it is told to', async () => {
  const checking = verifyInWorker()
  onTestFinished(() => checking.stop())
  const { records, match } = playGame(shortGame)
  expect(await checking.verify(records)).toMatchObject({ ok: true, match, result: 'B+R' })
  expect(await checking.verify(records.slice(0, 2))).toEqual({ ok: false, code: 'archive/not-over' })
  await checking.stop()
  expect(await checking.verify(records)).toMatchObject({ ok: true, match })
})

test('a game that takes too long is refused, and the next one is checked all the same', async () => {
  const { records } = playGame(shortGame)
  const hasty = verifyInWorker({ timeoutMs: 0 })
  onTestFinished(() => hasty.stop())
  expect(await hasty.verify(records)).toEqual({ ok: false, code: 'archive/too-slow' })
  const patient = verifyInWorker()
  onTestFinished(() => patient.stop())
  expect(await patient.verify(records)).toMatchObject({ ok: true })
})
