import { type Peer, type Topic, createPeer } from '@tsugi/peer'

import { ForeignNode } from '../foreign-node.ts'
import type { Implementation } from '../implementation.ts'
import { Skipped, Table, must, mustEqual, statusOf, until } from '../matrix.ts'
import { type StartOptions, mustBeTold } from '../node.ts'
import { StockNode } from '../stock-node.ts'

const limit = { seconds: 120, bytes: 262_144 }
const webSocket = '/ip4/127.0.0.1/tcp/0/ws'

/** Their relays, our peers and stock js-libp2p as guests. */
export async function tryTheirRelays(implementations: readonly Implementation[]): Promise<Table> {
  const table = new Table(
    'Their relays, our peers',
    implementations.map(({ name }) => name),
  )
  for (const { name, program } of implementations) {
    if (program !== undefined) await tryRelay(table, name, program)
  }
  return table
}

async function startRelay(
  program: string,
  options: Partial<NonNullable<StartOptions['relay']>> = {},
): Promise<{ node: ForeignNode; address: string }> {
  const node = await ForeignNode.start(program, {
    listen: [webSocket],
    relay: { reservationSeconds: 60, maxReservations: 16, maxCircuits: 16, limit, ...options },
  })
  const address = node.addresses[0]
  if (address === undefined) throw new Error('the relay listens nowhere')
  return { node, address }
}

async function tryRelay(table: Table, name: string, program: string): Promise<void> {
  const { node: relay, address } = await startRelay(program)
  await using _relay = relay
  const options = { app: 'interop', relays: [address], identity: 'memory' } as const

  {
    await using a = await createPeer({ ...options, webrtc: false })
    await using b = await createPeer({ ...options, webrtc: false })
    const renewed = [a, b].map(
      peer =>
        new Promise<void>(resolve => {
          peer.addEventListener('relay:change', ({ detail }) => {
            if (detail.change === 'renewed') resolve()
          })
        }),
    )
    await table.try('our peers reserve', name, () => reserved([a, b]))
    await table.try('our peers talk on a topic that the relay does not route', name, async () => {
      const topics = [await a.topics.join('game'), await b.topics.join('game')] as const
      const circuit = `${address}/p2p-circuit`
      await a.links.open(b.id, { addresses: [circuit] })
      await talk(topics)
      mustEqual('the line', a.links.get(b.id)?.kind, 'relayed')
    })
    await table.try('our peers renew before the slot ends', name, async () => {
      const isLate = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error('not renewed within its minute')), 60_000).unref(),
      )
      await Promise.race([Promise.all(renewed), isLate])
      await reserved([a, b])
      return 'of 60 s'
    })
  }
  await table.try('our peers move to a direct line', name, async () => {
    await using a = await createPeer(options)
    await using b = await createPeer(options)
    await reserved([a, b])
    const topics = [await a.topics.join('game'), await b.topics.join('game')] as const
    const circuit = `${address}/p2p-circuit`
    await a.links.open(b.id, { addresses: [circuit, `${circuit}/webrtc`] })
    await until('direct', () => a.links.get(b.id)?.kind === 'direct')
    await talk(topics)
  })
  await table.try('our peer is told that it is refused', name, async () => {
    const full = await startRelay(program, { maxReservations: 1 })
    await using _full = full.node
    await using a = await createPeer({ ...options, relays: [full.address] })
    await reserved([a])
    await using b = await createPeer({ ...options, relays: [full.address] })
    await until('refused', () => b.relays.list()[0]?.state === 'refused')
    const status = b.relays.list()[0]?.reason
    must(status === 'RESERVATION_REFUSED' || status === 'RESOURCE_LIMIT_EXCEEDED', `refused with ${status}`)
    return `\`${status}\``
  })
  await tryStock(table, name, program, address)
}

/** What stock js-libp2p finds at the same relay: our peers are made of it. */
async function tryStock(table: Table, name: string, program: string, address: string): Promise<void> {
  await using target = await StockNode.start()
  await using caller = await StockNode.start()
  const circuit = `${address}/p2p-circuit/p2p/${target.peer}`
  await table.try('stock js: its voucher is signed by it, and about us', name, async () => {
    const { voucher, expiresAtSeconds } = await target.reserve(address)
    if (voucher === undefined) return new Skipped('it gives none')
    const relay = address.slice(address.lastIndexOf('/') + 1)
    mustEqual('the voucher', voucher, { relay, peer: target.peer, expiresAtSeconds })
  })
  await table.try('stock js: both ends of a circuit are told its limits', name, async () => {
    mustBeTold('the caller', (await caller.connect(circuit)).limit, limit)
    mustBeTold('the target', (await target.heard('circuit')).limit, limit)
    return `${limit.bytes} bytes, ${limit.seconds} s`
  })
  await table.try('stock js: 64 KiB there and back', name, async () => {
    mustEqual('the echo', await caller.echo(target.peer, 65_536), { returned: 65_536, isCorrect: true, isWhole: true })
  })
  await table.try('stock js: a circuit that has carried its limit ends', name, async () => {
    const { isCorrect, isWhole, returned } = await caller.echo(target.peer, limit.bytes)
    must(isCorrect && !isWhole && returned < limit.bytes, `${returned} bytes came back`)
    await target.heard('closed', ({ peer, isCircuit }) => isCircuit && peer === caller.peer)
  })
  await table.try('stock js: a call to somebody without a slot', name, async () => {
    await using stranger = await StockNode.start()
    const status = await statusOf(caller.connect(`${address}/p2p-circuit/p2p/${stranger.peer}`))
    mustEqual('the status', status, 'NO_RESERVATION')
    return `\`${status}\``
  })
  await table.try('stock js: one slot too many', name, async () => {
    const full = await startRelay(program, { maxReservations: 1 })
    await using _full = full.node
    await target.reserve(full.address)
    const status = await statusOf(caller.reserve(full.address))
    must(/REFUSED|EXCEEDED/.test(status), `the status is ${status}`)
    return `\`${status}\``
  })
}

async function reserved(peers: readonly Peer[]): Promise<void> {
  await until('reserved', () => peers.every(peer => peer.relays.list()[0]?.state === 'reserved'))
}

/** Each says something until the other has heard it: a topic's mesh takes a moment to form. */
async function talk(topics: readonly [Topic, Topic]): Promise<void> {
  const heard = [0, 0]
  for (const [index, topic] of topics.entries()) {
    void (async () => {
      for await (const _ of topic) heard[index] = (heard[index] ?? 0) + 1
    })()
  }
  await until('both heard', async () => {
    for (const topic of topics) await topic.publish(Uint8Array.of(1))
    return heard.every(count => count > 0)
  })
}
