import { setTimeout } from 'node:timers/promises'

import { createPeer } from '@tsugi/peer'
import { type AppId, type TopicName, wireTopic } from '@tsugi/protocol'

import { EventLog } from '../event-log.ts'
import type { Implementation } from '../implementation.ts'
import { Table } from '../matrix.ts'
import { startOurRelay } from './our-relay.ts'

/** Somebody on the topic, whatever they are made of. */
interface Talker {
  readonly name: string
  say(text: string): Promise<unknown>
  /** Resolves when it has heard that. */
  hears(from: string, text: string): Promise<unknown>
  readonly peer: string
}

const ours = '@tsugi/peer'
const speakMs = 200

/** Everybody on one topic of ours, routed by our relay. */
export async function tryGossip(implementations: readonly Implementation[]): Promise<Table> {
  const names = [ours, ...implementations.map(({ name }) => name)]
  const table = new Table(
    'Gossip on a topic of ours, routed by our relay',
    names.map(name => `heard by ${name}`),
  )
  await using relay = await startOurRelay()
  await using nodes = new AsyncDisposableStack()
  const talkers: Talker[] = []

  const peer = nodes.use(
    await createPeer({ app: 'interop', relays: [relay.process.url], identity: 'memory', webrtc: false }),
  )
  const topic = await peer.topics.join('everybody')
  const heard = new EventLog()
  void (async () => {
    for await (const { from, data } of topic) {
      heard.add({ event: 'message', topic: topic.name, from, text: new TextDecoder().decode(data) })
    }
  })()
  talkers.push({
    name: ours,
    peer: peer.id,
    say: text => topic.publish(new TextEncoder().encode(text)),
    hears: (from, text) => heard.find('message', event => event.from === from && event.text === text),
  })

  const wire = wireTopic('interop' as AppId, 'everybody' as TopicName)
  for (const { name, start } of implementations) {
    const node = nodes.use(await start())
    await node.dial(relay.address)
    await node.join(wire)
    talkers.push({
      name,
      peer: node.peer,
      say: text => node.publish(wire, text),
      hears: (from, text) => node.heard('message', event => event.from === from && event.text === text),
    })
  }
  for (const talker of talkers) {
    const others = talkers.filter(each => each !== talker)
    const text = `a word from ${talker.name}`
    const hearing = others.map(each => each.hears(talker.peer, text))
    const all = Promise.allSettled(hearing).then(() => 'over')
    // Who speaks before the topic's mesh has formed is not heard.
    let isOver = false
    while (!isOver) {
      await talker.say(text)
      isOver = (await Promise.race([all, setTimeout(speakMs)])) === 'over'
    }
    for (const [index, each] of others.entries()) {
      await table.try(`said by ${talker.name}`, `heard by ${each.name}`, async () => void (await hearing[index]))
    }
  }
  return table
}
