import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { giveUp, root, run, say } from './run.mjs'

/**
 * Named here and not in package.json: pnpm would look itself up in the registry on every install, in builds for platforms
 * that the registry does not have.
 */
const packageManager = 'pnpm@12.21.0'

const stampFile = join(root, 'node_modules', '.tsugi-installed')

/** Installs what the lockfile names; does nothing when that has been done already. */
export async function install() {
  const [major] = process.versions.node.split('.')
  if (Number(major) < 20) giveUp(`Tsugi needs Node 20 or newer to start; this is ${process.version}.`)
  const wanted = fingerprint()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  say('Installing the dependencies (once; about 200 MB, 120 of them Node 24 itself)')
  // CI=true lets pnpm replace a node_modules of another layout without asking a terminal that may not be there.
  const env = { ...process.env, CI: 'true', npm_config_update_notifier: 'false' }
  const code = await run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], { env })
  if (code !== 0) giveUp('The dependencies could not be installed; the lines above say why.')
  writeFileSync(stampFile, wanted)
}

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  const manifests = ['packages', 'apps'].flatMap(folder =>
    readdirSync(join(root, folder)).map(name => join(folder, name, 'package.json')),
  )
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'e2e/package.json', ...manifests]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}
