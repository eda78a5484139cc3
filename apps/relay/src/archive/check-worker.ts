import { parentPort } from 'node:worker_threads'

import { checkGame } from './check-game.ts'

// Runs in a thread of its own: checking a long game takes half a second, in which the relay would serve nobody.
parentPort?.on('message', (records: readonly Uint8Array[]) => {
  parentPort?.postMessage(checkGame(records, Date.now()), [])
})
