// WebTransport's native part needs glibc 2.38. Debian 12 has 2.36, and is what many servers and test machines run: there the
// tests run Node on the C library of Debian 13, unpacked into a folder from the machine's own mirror. Nothing on the
// system changes.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { projectNode, root } from './run.mjs'

const wanted = [2, 38]
const release = 'trixie'
const packages = ['libc6', 'libstdc++6', 'libgcc-s1']
const folder = join(root, '.cache', 'newer-libc')
const wrapper = join(folder, 'node')

/**
 * A Node that the native part loads into: the project's own where the system's C library is new enough, else a wrapper that runs it on a
 * newer one.
 *
 * @returns {{ node: string } | { reason: string }} the reason why there is none
 */
export function nodeOnNewerLibc() {
  // On the wrapper already, where the C library looks new enough and the next process would fall back to the system's.
  const inherited = process.env.TSUGI_NODE_ON_NEWER_LIBC
  if (inherited !== undefined) return { node: inherited }
  if (process.platform !== 'linux' || isNewEnough(systemLibc())) return { node: projectNode() }
  if (existsSync(wrapper)) return { node: wrapper }
  const loader = { x64: 'ld-linux-x86-64.so.2', arm64: 'ld-linux-aarch64.so.1' }[process.arch]
  if (loader === undefined) return { reason: `there is no newer C library for ${process.arch}` }
  const source = debianSource()
  if (source === undefined) {
    return { reason: `glibc ${systemLibc()} is too old, and there is no Debian mirror to take a newer one from` }
  }
  rmSync(folder, { recursive: true, force: true })
  for (const part of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, part), { recursive: true })
  const list = join(folder, 'sources.list')
  writeFileSync(list, `deb [signed-by=${source.signedBy}] ${source.uri} ${release} main\n`)
  const options = [
    `Dir::Etc::SourceList=${list}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${join(folder, 'lists')}`,
    `Dir::Cache=${folder}`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=true',
  ].flatMap(each => ['-o', each])
  for (const args of [
    ['update', '-qq'],
    ['download', '-qq', ...packages],
  ]) {
    const { status, stderr } = spawnSync('apt-get', [...options, ...args], { cwd: folder, encoding: 'utf8' })
    if (status !== 0) return { reason: `Debian ${release}’s C library could not be fetched: ${lastLine(stderr)}` }
  }
  for (const file of readdirSync(folder).filter(each => each.endsWith('.deb'))) {
    spawnSync('dpkg', ['-x', join(folder, file), join(folder, 'root')])
  }
  const triplet = process.arch === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu'
  const libraries = join(folder, 'root', 'usr', 'lib', triplet)
  if (!existsSync(join(libraries, loader))) return { reason: `Debian ${release}’s C library could not be unpacked` }
  // The link in node_modules/.bin is of no use to the loader: it wants the program itself.
  const { stdout: node } = spawnSync(projectNode(), ['-p', 'process.execPath'], { encoding: 'utf8' })
  const command = `'${join(libraries, loader)}' --library-path '${libraries}' '${node.trim()}'`
  // The relay would set V8's flag by starting itself anew, and would then start the loader.
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexport TSUGI_NODE_ON_NEWER_LIBC="$0"\nexec ${command} --max-semi-space-size=4 "$@"\n`,
  )
  chmodSync(wrapper, 0o755)
  rmSync(join(folder, 'lists'), { recursive: true, force: true })
  return { node: wrapper }
}

function systemLibc() {
  return process.report.getReport().header.glibcVersionRuntime ?? ''
}

/** Whether a version of glibc has what the native part asks for; musl has no version, and is not enough. */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1])
}

/** The Debian mirror that this machine uses, with the key that it trusts for it. */
function debianSource() {
  const signedBy = '/usr/share/keyrings/debian-archive-keyring.gpg'
  if (!existsSync(signedBy)) return undefined
  const question = ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages']
  const { stdout, status } = spawnSync('apt-get', question, { encoding: 'utf8' })
  const uri = status === 0 ? stdout.split('\n').find(each => /\/debian\/?$/.test(each)) : undefined
  return uri === undefined ? undefined : { uri, signedBy }
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? ''
}

// As a command: runs a program of the workspace on such a Node. `node scripts/newer-libc.mjs vitest run …`
if (process.argv[1] === import.meta.filename) {
  const found = nodeOnNewerLibc()
  if ('reason' in found) {
    process.stderr.write(`Skipped: ${found.reason}.\n`)
    process.exit(0)
  }
  const { status } = spawnSync(found.node, process.argv.slice(2), { stdio: 'inherit', cwd: root })
  process.exit(status ?? 1)
}
