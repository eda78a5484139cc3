import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Runs the garbage collector, and the finalizers of what it found. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round += 1) {
    collect()
    // Finalizers and weak references are served between two turns of the event loop.
    await new Promise(resolve => setImmediate(resolve))
  }
}
