import { spawnSync } from 'node:child_process'

/** `apt-get` as root, or through sudo where that asks for no password; undefined where there is none. */
export function aptCommand() {
  if (process.platform !== 'linux' || !works('apt-get', ['--version'])) return undefined
  if (process.getuid?.() === 0) return ['apt-get']
  return works('sudo', ['-n', 'true']) ? ['sudo', '-n', 'apt-get'] : undefined
}

/** Whether a command can be run and ends well. */
export function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
