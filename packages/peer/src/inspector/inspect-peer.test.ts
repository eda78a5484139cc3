import { describe, expect, it } from 'vitest'

import { openMesh, until, stay } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { inspectPeer } from './inspect-peer.ts'

describe('what the inspector shows of a peer', () => {
  it('is its relays, links, topics, address book, sizes and tasks, all of it as text', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url])
    const topic = await stay(a, 'game')
    await stay(b, 'game')
    await until('direct', () => a.links.get(b.id)?.kind === 'direct' && a.links.get(b.id)?.route !== null)
    const tables = new Map(inspectPeer(a, Date.now()).map(table => [table.title, table]))
    expect([...tables.keys()]).toEqual(['Peer', 'Relays', 'Links', 'Topics', 'Address book (1)', 'Sizes', 'Tasks'])
    for (const { columns, rows } of tables.values()) {
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(row).toHaveLength(columns.length)
      expect(rows.flat().every(cell => typeof cell === 'string')).toBe(true)
    }
    expect(tables.get('Peer')?.rows[0]).toEqual([a.id, 'test', 'ready', 'in memory'])
    expect(tables.get('Relays')?.rows[0]?.slice(0, 2)).toEqual([relay.url, 'reserved'])
    expect(tables.get('Links')?.rows[0]?.slice(0, 2)).toEqual([`…${b.id.slice(-8)}`, 'direct'])
    expect(tables.get('Links')?.rows[0]?.[4]).toMatch(/^(?:host|prflx) – (?:host|prflx)$/)
    expect(tables.get('Topics')?.rows[0]).toEqual(['game', '1', topic.id, '0 of 256', '0', '0'])
    expect(tables.get('Sizes')?.rows).toContainEqual(['links direct', '1'])
    await a.stop()
    expect(inspectPeer(a, Date.now()).find(({ title }) => title === 'Tasks')?.rows).toEqual([])
  })
})
