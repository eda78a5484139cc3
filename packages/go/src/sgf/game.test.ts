import { describe, expect, test } from 'vitest'

import { GoError } from '../codes.ts'
import { diagramOfBoard } from '../diagram.ts'
import { gameToSgf } from './game-to-sgf.ts'
import { parseSgf } from './parse.ts'
import { formatSgfPoint, parseSgfMove, parseSgfPoint, sgfPoints } from './points.ts'
import { sgfToGame } from './sgf-to-game.ts'
import { mainLine } from './tree.ts'
import { writeSgf } from './write.ts'

function replay(text: string) {
  const parsed = parseSgf(text)
  if (!parsed.ok || !parsed.value[0]) throw new Error('not read')
  return sgfToGame(parsed.value[0])
}

function played(text: string) {
  const game = replay(text)
  if (!game.ok) throw new Error(game.code)
  return game.value
}

const setup = { size: 9, ruleset: 'chinese', komi: 7.5, handicap: 0 } as const

describe('a game written down', () => {
  test('says rules, komi, players, moves, passes, times and the result', () => {
    const tree = gameToSgf({
      setup,
      moves: [{ vertex: 40 }, { vertex: 41, secondsLeft: 59.5, comment: 'a [comment] with \\' }, { vertex: null }],
      result: 'W+R',
      info: { blackName: 'Ann', whiteName: 'Bo]b', date: '2026-11-21', gameComment: 'two\nlines' },
    })
    expect(writeSgf([tree])).toBe(
      '(;GM[1]FF[4]CA[UTF-8]SZ[9]RU[Chinese]KM[7.5]PB[Ann]PW[Bo\\]b]DT[2026-11-21]GC[two\nlines]AP[Tsugi]RE[W+R]' +
        ';B[ee];W[fe]WL[59.5]C[a [comment\\] with \\\\];B[])\n',
    )
  })

  test('is read back as the same game', () => {
    const info = { blackName: 'Ann', whiteName: 'Bo]b:\\', gameComment: 'two\nlines', application: 'Tsugi' }
    const moves = [
      { vertex: 40, color: 'black' },
      { vertex: null, color: 'white' },
      { vertex: 0, color: 'black', comment: 'x' },
    ] as const
    const game = played(writeSgf([gameToSgf({ setup, moves, result: 'B+3.5', info })]))
    expect(game).toMatchObject({ setup, moves, result: 'B+3.5', info })
    expect(game.states).toHaveLength(4)
  })

  test('handicap stones are set, and White moves first', () => {
    const handicapped = { size: 19, ruleset: 'aga', komi: 0.5, handicap: 4 } as const
    const tree = gameToSgf({ setup: handicapped, moves: [{ vertex: 0 }, { vertex: 1 }] })
    expect(tree.nodes[0]).toMatchObject({ HA: ['4'], AB: ['dp', 'pd', 'dd', 'pp'] })
    expect(tree.nodes.slice(1)).toEqual([{ W: ['aa'] }, { B: ['ba'] }])
    const game = played(writeSgf([tree]))
    expect(game.setup).toEqual(handicapped)
    expect(game.states[0]?.toPlay).toBe('white')
  })

  test('variations branch where they were played, at the end and at the start too', () => {
    const moves = [0, 1, 2, 3].map(vertex => ({ vertex }))
    const tree = gameToSgf({
      setup,
      moves,
      variations: [
        { after: 4, moves: [{ vertex: 10 }] },
        { after: 2, moves: [{ vertex: 11 }, { vertex: 12 }] },
        { after: 2, moves: [{ vertex: 13 }] },
        { after: 0, moves: [{ vertex: 14 }] },
      ],
    })
    const written = writeSgf([tree])
      .replaceAll('\n', '')
      .replace(/^\(;[^;(]*/, '(')
    expect(written).toBe('((;B[aa];W[ba](;B[ca];W[da](;B[bb]))(;B[cb];W[db])(;B[eb]))(;B[fb]))')
    expect(
      mainLine(tree)
        .slice(1)
        .map(node => node['B'] ?? node['W']),
    ).toEqual([['aa'], ['ba'], ['ca'], ['da']].slice(0, 4).concat([['bb']]))
  })

  test('moves off the board and variations of moves that do not exist are mistakes of the caller', () => {
    expect(() => gameToSgf({ setup, moves: [{ vertex: 81 }] })).toThrow(GoError)
    expect(() => gameToSgf({ setup, moves: [], variations: [{ after: 1, moves: [{ vertex: 0 }] }] })).toThrow(GoError)
  })
})

describe('a record played through', () => {
  test('sets stones from compressed lists, clears them, and turns as the record says', () => {
    const game = played('(;SZ[5]AB[aa:cb][ee]AW[ed]PL[W];AE[aa][ba:bb];W[dd];W[];B[tt];B[])')
    expect(diagramOfBoard(game.states.at(0)?.board ?? new Uint8Array(), 5)).toBe(
      '. . X . .\nX . X . .\n. . . . .\n. . . . O\n. . . . X',
    )
    expect(game.states[0]?.toPlay).toBe('white')
    expect(game.moves.map(({ color, vertex }) => [color, vertex])).toEqual([
      ['white', 18],
      ['white', null],
      ['black', null],
      ['black', null],
    ])
    expect(game.states.at(-1)?.captures).toEqual({ black: 0, white: 0 })
  })

  test('goes on after two passes, as records of resumed games do', () => {
    const game = played('(;SZ[9];B[aa];W[];B[];W[bb])')
    expect(game.states.map(state => state.phase)).toEqual(['playing', 'playing', 'playing', 'stopped', 'playing'])
  })

  test.each([
    ['(;GM[2])', 'sgf/not-go', 0],
    ['(;SZ[19:9])', 'sgf/bad-size', 0],
    ['(;SZ[25])', 'sgf/bad-size', 0],
    ['(;SZ[x])', 'sgf/bad-size', 0],
    ['(;SZ[9];B[aa];W[jj])', 'sgf/bad-point', 2],
    ['(;SZ[9]AB[zz])', 'sgf/bad-point', 0],
    ['(;SZ[9];B[aa];W[aa])', 'sgf/bad-move', 2],
  ])('%s is refused as %s at node %i', (text, code, node) => {
    expect(replay(text)).toMatchObject({ ok: false, code, node })
  })

  test('a refused move says which rule refused it', () => {
    expect(replay('(;SZ[9];B[aa];W[aa])')).toMatchObject({ refusal: 'go/occupied' })
  })

  test.each([
    ['KM[6.5]', 6.5],
    ['KM[7.50]', 7.5],
    ['KM[-3]', -3],
    ['KM[3.75]', 4],
    ['KM[375]', 6.5],
    ['KM[x]', 6.5],
    ['KM[-0]', 0],
    ['', 6.5],
  ])('%s is komi %d', (property, komi) => {
    expect(played(`(;SZ[9]${property})`).setup.komi).toBe(komi)
  })

  test.each([
    ['Japanese', 'japanese'],
    ['Chinese', 'chinese'],
    ['chinese', 'chinese'],
    ['AGA', 'aga'],
    ['NZ', 'new-zealand'],
    ['New Zealand', 'new-zealand'],
    ['Ing', 'japanese'],
  ])('RU[%s] is %s', (name, ruleset) => {
    expect(played(`(;RU[${name}])`).setup.ruleset).toBe(ruleset)
  })
})

describe('points', () => {
  test('are written and read by column and row from the top left', () => {
    for (let vertex = 0; vertex < 361; vertex++) expect(parseSgfPoint(formatSgfPoint(vertex, 19), 19)).toBe(vertex)
    expect(formatSgfPoint(null, 19)).toBe('')
    for (const value of ['', 'a', 'aaa', 'jj', 'AA', 'a1']) expect(parseSgfPoint(value, 9)).toBeNull()
  })

  test('a pass is nothing, or tt', () => {
    expect(parseSgfMove('', 19)).toEqual({ ok: true, value: null })
    expect(parseSgfMove('tt', 19)).toEqual({ ok: true, value: null })
    expect(parseSgfMove('ss', 19)).toEqual({ ok: true, value: 360 })
    expect(parseSgfMove('xx', 19)).toEqual({ ok: false, code: 'sgf/bad-point' })
  })

  test('rectangles may be given by any two corners, and lists are bounded', () => {
    expect(sgfPoints(['ba:ab'], 9)).toEqual({ ok: true, value: [0, 1, 9, 10] })
    expect(sgfPoints(['aa', 'aa:aa'], 9)).toEqual({ ok: true, value: [0] })
    expect(sgfPoints(['aa:zz'], 9)).toEqual({ ok: false, code: 'sgf/bad-point' })
    expect(
      sgfPoints(
        Array.from({ length: 100_000 }, () => 'aa:ss'),
        19,
      ),
    ).toEqual({ ok: false, code: 'sgf/too-many-values' })
  })
})
