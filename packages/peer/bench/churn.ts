/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm churn [waves]`: 1,000 peers come and go past one that stays, 2,000 topics are joined and left, 1,000 links opened and closed.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { type ChurnSizes, churn, heapGrowth } from '../test-support/churn.ts'

const waves = Number(process.argv[2] ?? 20)
const everything = { peers: 1_000, topics: 2_000, links: 1_000 }
const skipped = Math.ceil(waves / 4)

const share = (count: number): number => Math.ceil(count / waves)
const show = (sizes: ChurnSizes): string => Object.values(sizes).join(' ')

const child = fork(fileURLToPath(new URL('relay-process.ts', import.meta.url)))
const [relay] = (await once(child, 'message')) as [string]
console.log(
  `${waves} waves of ${share(everything.peers)} peers, ${share(everything.topics)} topics, ${share(everything.links)} links`,
)
const done = await churn({
  relay,
  waves,
  peers: share(everything.peers),
  topics: share(everything.topics),
  links: share(everything.links),
  webrtc: process.argv.includes('--webrtc'),
  onWave({ heapBytes, most, left }) {
    console.log(`heap ${(heapBytes / 1e6).toFixed(1)} MB   at most: ${show(most)}   left: ${show(left)}`)
  },
})
child.disconnect()
console.log(`columns: ${Object.keys(done[0]?.left ?? {}).join(' ')}`)
console.log(`heap growth after wave ${skipped}: ${(heapGrowth(done, skipped) / 1e3).toFixed(1)} kB a wave`)
