import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { giveUp, projectNode, root, run, say } from './run.mjs'

const stampFile = join(root, '.cache', 'built')

/** What a build leaves behind; when one of them is gone, the stamp is not believed. */
const products = ['apps/relay/dist/main.js', 'apps/web/dist/index.html', 'apps/dashboard/dist/index.html']

/** Builds the packages, the relay and the page; does nothing when their sources are as they were at the last build. */
export async function build() {
  const wanted = fingerprint()
  const isBuilt = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted
  if (isBuilt && products.every(file => existsSync(join(root, file)))) return
  const node = projectNode()
  say('Building the packages and the relay')
  if ((await run(node, [join(root, 'node_modules/typescript/bin/tsc'), '-b'])) !== 0) {
    giveUp('The packages could not be built; the lines above say why.')
  }
  const vite = [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn']
  say('Building the page')
  if ((await run(node, vite)) !== 0) giveUp('The page could not be built; the lines above say why.')
  say('Building the dashboard')
  if ((await run(node, [...vite, '--config', 'apps/dashboard/vite.config.ts'])) !== 0) {
    giveUp('The dashboard could not be built; the lines above say why.')
  }
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(stampFile, wanted)
}

/** The contents of every source file and setting that a build reads. */
function fingerprint() {
  const hash = createHash('sha256')
  const files = ['pnpm-lock.yaml', 'tsconfig.base.json', 'tsconfig.json', 'vite.config.ts']
  for (const folder of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, folder))) files.push(...filesBelow(join(folder, name)))
  }
  for (const file of files.toSorted()) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function filesBelow(folder) {
  return readdirSync(join(root, folder)).flatMap(name => {
    const path = join(folder, name)
    if (['node_modules', 'dist', '.cache'].includes(name)) return []
    return statSync(join(root, path)).isDirectory() ? filesBelow(path) : [path]
  })
}
