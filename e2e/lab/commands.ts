import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { networkTool } from '../../scripts/network-tools.mjs'

const execute = promisify(execFile)

/** Runs one of the network tools with words as arguments; throws with what it said. */
async function runTool(name: 'ip' | 'tc' | 'nft', args: readonly string[]): Promise<string> {
  const path = networkTool(name)
  if (path === undefined) throw new Error(`${name} is not installed.`)
  const { stdout } = await execute(path, [...args])
  return stdout
}

/** Runs `ip` with the words of a line, on the machine itself. */
export function ip(line: string): Promise<string> {
  return runTool('ip', line.split(' '))
}

/** Runs the lines of an `ip` batch inside a namespace. */
export async function ipWithin(namespace: string, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) await ip(`-n ${namespace} ${line}`)
}

/** Runs a tool inside a namespace. */
export function within(namespace: string, tool: 'tc' | 'nft', args: readonly string[]): Promise<string> {
  return runTool('ip', ['netns', 'exec', namespace, networkTool(tool) ?? tool, ...args])
}

/** Writes kernel settings of a namespace: `net/ipv4/ip_forward` and the like. */
export async function setKernel(namespace: string, values: Readonly<Record<string, number>>): Promise<void> {
  const script = Object.entries(values)
    .map(([path, value]) => `echo ${value} > /proc/sys/${path}`)
    .join('; ')
  await runTool('ip', ['netns', 'exec', namespace, 'sh', '-ec', script])
}

/** The processes that run inside a namespace. */
export async function processesWithin(namespace: string): Promise<number[]> {
  return (await ip(`netns pids ${namespace}`)).split('\n').filter(Boolean).map(Number)
}
