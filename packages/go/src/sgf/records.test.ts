import { createRequire } from 'node:module'

import { describe, expect, test } from 'vitest'

import { readRecord } from '../../test-support/records.ts'
import { guessDeadStones } from '../dead-stones.ts'
import { parseResult } from '../result-text.ts'
import { scoreGame } from '../score.ts'
import { parseSgf } from './parse.ts'
import { sgfPoints } from './points.ts'
import { sgfToGame, type ReplayedGame } from './sgf-to-game.ts'
import { sgfText } from './text.ts'
import { mainLine, type SgfTree } from './tree.ts'

interface SabakiNode {
  data: Record<string, string[]>
  children: SabakiNode[]
}
interface SabakiBoard {
  signMap: number[][]
  makeMove(sign: number, vertex: [number, number]): SabakiBoard
}
const require = createRequire(import.meta.url)
const sabaki = require('@sabaki/sgf') as { parse(text: string): SabakiNode[] }
const Board = require('@sabaki/go-board') as { fromDimensions(size: number): SabakiBoard }

function treeOf(name: Parameters<typeof readRecord>[0]): SgfTree {
  const parsed = parseSgf(readRecord(name))
  if (!parsed.ok || !parsed.value[0]) throw new Error(`${name} was not read`)
  return parsed.value[0]
}

function gameOf(name: Parameters<typeof readRecord>[0]): ReplayedGame {
  const game = sgfToGame(treeOf(name))
  if (!game.ok) throw new Error(`${name}: ${game.code} at ${game.node}`)
  return game.value
}

/** A tree as @sabaki/sgf gives it: each node with its text unescaped, and its children. */
function expectSameTree(tree: SgfTree, node: SabakiNode): number {
  let count = 0
  const todo: [SgfTree, number, SabakiNode][] = [[tree, 0, node]]
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [at, index, other] = next
    const properties = Object.entries(at.nodes[index] ?? {}).map(([name, values]) => [name, values.map(plain)])
    expect(Object.fromEntries(properties)).toEqual(
      Object.fromEntries(
        Object.entries(other.data).map(([name, values]) => [name, values.map(value => value.replaceAll(/\s/g, ' '))]),
      ),
    )
    count++
    const children: [SgfTree, number][] =
      index + 1 < at.nodes.length ? [[at, index + 1]] : at.variations.map(tree => [tree, 0])
    expect(other.children).toHaveLength(children.length)
    children.forEach(([child, childIndex], position) =>
      todo.push([child, childIndex, other.children[position] ?? { data: {}, children: [] }]),
    )
  }
  return count
}

function plain(raw: string): string {
  return sgfText(raw).replaceAll(/\s/g, ' ')
}

describe('records from other projects', () => {
  test.each(['resigned', 'counted', 'complex'] as const)(
    '"%s" has the nodes and values that @sabaki/sgf reads',
    name => {
      const text = new TextDecoder().decode(readRecord(name))
      expect(expectSameTree(treeOf(name), sabaki.parse(text)[0] ?? { data: {}, children: [] })).toBeGreaterThan(200)
    },
  )

  test.each(['resigned', 'counted', 'complex', 'utf8'] as const)(
    'the main line of "%s" is played through to the boards of @sabaki/go-board',
    name => {
      const { moves, states, setup } = gameOf(name)
      expect(moves.length).toBeGreaterThan(100)
      let board = Board.fromDimensions(setup.size)
      moves.forEach(({ vertex, color }, index) => {
        if (vertex !== null) {
          board = board.makeMove(color === 'black' ? 1 : -1, [vertex % setup.size, Math.floor(vertex / setup.size)])
        }
        const signs = board.signMap.flat().map(sign => (sign === 0 ? 0 : sign === 1 ? 1 : 2))
        expect({ index, board: [...(states[index + 1]?.board ?? [])] }).toEqual({ index, board: signs })
      })
    },
  )

  test('the counted game has the score its players agreed on, and the territory that KGS marked, by the first guess at dead stones', () => {
    const { states, result } = gameOf('counted')
    const last = states.at(-1)!
    expect(last.phase).toBe('stopped')
    const score = scoreGame(last, guessDeadStones(last))
    expect(parseResult(result!)).toEqual({ by: 'score', winner: score.winner, margin: score.margin })
    expect(score.text).toBe('W+7.5')
    const marks = mainLine(treeOf('counted')).at(-1)!
    for (const [name, stone] of [
      ['TB', 1],
      ['TW', 2],
    ] as const) {
      const owned = Array.from(score.owner.keys()).filter(vertex => score.owner[vertex] === stone)
      expect(sgfPoints(marks[name] ?? [], 19)).toEqual({ ok: true, value: owned })
    }
  })

  test('what a record tells about its game', () => {
    expect(gameOf('resigned')).toMatchObject({
      setup: { size: 19, ruleset: 'japanese', komi: 6.5, handicap: 0 },
      result: 'B+Resign',
      info: {
        blackName: 'waage',
        whiteName: 'twoeye',
        blackRank: '6d',
        date: '2015-02-26',
        overtime: '80x10 byo-yomi',
      },
    })
    expect(gameOf('utf8').info).toMatchObject({ blackName: 'Kitani Minoru', whiteName: 'Go Seigen' })
  })

  test('every encoding is read: by CA, by byte order mark, and as Latin-1 without either', () => {
    const comment = (name: Parameters<typeof readRecord>[0]) =>
      sgfText(mainLine(treeOf(name)).find(node => node['C'])?.['C']?.[0] ?? '')
    expect(comment('chinese')).toMatch(/[\u4e00-\u9fff]/)
    expect(comment('japanese')).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/)
    expect(comment('korean')).toMatch(/[\uac00-\ud7af]/)
    expect(gameOf('utf16').moves).toEqual(gameOf('utf8').moves)
    expect(comment('withoutEncoding')).toMatch(/[\u00a0-\u00ff]/)
  })

  test('the example file of the specification holds two trees', () => {
    const parsed = parseSgf(readRecord('everyProperty'))
    expect(parsed.ok && parsed.value).toHaveLength(2)
  })
})
