import { existsSync } from 'node:fs'

import { aptCommand, works } from './apt.mjs'
import { run, say } from './run.mjs'

/** Where Debian and Ubuntu keep them; root's PATH may lack it. */
const folders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin']
const tools = { ip: 'iproute2', tc: 'iproute2', nft: 'nftables' }

/** Where a tool of the network lab is, or undefined. */
export function networkTool(name) {
  return folders.map(folder => `${folder}/${name}`).find(path => existsSync(path))
}

/** Installs what is missing by apt, where this user is root; otherwise does nothing. */
export async function installNetworkTools() {
  const missing = new Set(
    Object.entries(tools).flatMap(([name, source]) => (networkTool(name) === undefined ? [source] : [])),
  )
  if (missing.size === 0 || process.getuid?.() !== 0) return
  const apt = aptCommand()
  if (apt === undefined) return
  say(`Installing ${[...missing].join(' and ')} from Debian’s packages`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run(apt[0], [...apt.slice(1), 'update', '-qq'], { env })
  await run(apt[0], [...apt.slice(1), 'install', '-y', '-qq', '--no-install-recommends', ...missing], { env })
}

/** Why no network can be built here, in a sentence; undefined where one can. Builds a namespace with a NAT rule, and removes it. */
export function whyNoNetworks() {
  if (process.platform !== 'linux') return 'networks are built of Linux namespaces, and this is another system'
  if (process.getuid?.() !== 0) return 'only root may build networks'
  const missing = Object.keys(tools).filter(name => networkTool(name) === undefined)
  if (missing.length > 0) return `${missing.join(', ')} cannot be found, and apt could not install it`
  const probe = `tsugi-${process.pid}-probe`
  const ip = networkTool('ip')
  const nft = networkTool('nft')
  const rule =
    'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c masquerade'
  try {
    if (!works(ip, ['netns', 'add', probe])) return 'this machine allows no network namespaces'
    return works(ip, ['netns', 'exec', probe, nft, rule]) ? undefined : 'this kernel has no NAT for nftables'
  } finally {
    works(ip, ['netns', 'del', probe])
  }
}
