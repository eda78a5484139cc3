import { readFile } from 'node:fs/promises'

import { expect, it } from 'vitest'

import { openMesh, stay } from '../test-support/mesh.ts'
import { startRelay } from '../test-support/start-relay.ts'
import * as door from './index.ts'
import { openStreams } from './streams/index.ts'

/** A TypeScript example of the package page, as the body of a function: the first that has this text. */
async function example(text = ''): Promise<string> {
  const page = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const code =
    [...page.matchAll(/```ts\n(.+?)```/gs)].map(([, body = '']) => body).find(body => body.includes(text)) ?? ''
  return code.replace(/^import .+$/m, '').replaceAll('https://relay.example', '${url}')
}

it('the example of the package page runs as it stands', async () => {
  const relay = await startRelay()
  const code = (await example()).replace("'${url}'", JSON.stringify(relay.url))
  const lines: string[] = []
  const log = { log: (...parts: unknown[]) => lines.push(parts.join(' ')) }
  // oxlint-disable-next-line typescript/no-implied-eval, eslint/no-new-func -- the page's own text
  const run = new Function('createPeer', 'console', `return (async () => { ${code} })()`) as (
    createPeer: typeof door.createPeer,
    console: unknown,
  ) => Promise<void>
  const mesh = openMesh()
  const friend = await mesh.peer([relay.url], { app: 'my-game' })
  const topic = await friend.topics.join('lobby')
  void (async () => {
    for await (const { data } of topic) {
      if (new TextDecoder().decode(data) === 'hello') await topic.publish(new TextEncoder().encode('bye'))
    }
  })()
  await run(door.createPeer, log)
  expect(lines).toContain(`${friend.id} says bye`)
  expect(lines.some(line => line.startsWith(`the line to ${friend.id} is relayed`))).toBe(true)
})

it('the example of streams runs as it stands', async () => {
  const relay = await startRelay()
  const mesh = openMesh()
  const [peer, friend] = await mesh.pair([relay.url])
  for (const each of [peer, friend]) await stay(each, 'lobby')
  openStreams(friend).handle('echo', ({ readable, writable }) => readable.pipeTo(writable))
  const lines: string[] = []
  const log = { log: (...parts: unknown[]) => lines.push(parts.map(part => JSON.stringify(part)).join(' ')) }
  // oxlint-disable-next-line typescript/no-implied-eval, eslint/no-new-func -- the page's own text
  const run = new Function(
    'openStreams',
    'peer',
    'friend',
    'console',
    `return (async () => { ${await example('/streams')} })()`,
  ) as (open: typeof openStreams, peer: door.Peer, friend: string, console: unknown) => Promise<void>
  await run(openStreams, peer, friend.id, log)
  expect(lines).toContain('"hello"')
  expect(lines.at(-1)).toBe('{"ok":true}')
})
