import { readFile } from 'node:fs/promises'

import { expect, it } from 'vitest'

import { openMesh } from '../test-support/mesh.ts'
import { startRelay } from '../test-support/start-relay.ts'
import * as door from './index.ts'

/** The first TypeScript example of the package page, as the body of a function. */
async function example(): Promise<string> {
  const page = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const code = /```ts\n(.+?)```/s.exec(page)?.[1] ?? ''
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
