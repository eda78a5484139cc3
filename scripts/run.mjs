// Runs on the visitor's own Node (20 or newer), before anything is installed: only built-in modules here.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Prints a line that says what happens now. */
export function say(line) {
  process.stdout.write(`\u001B[1m» ${line}\u001B[0m\n`)
}

/** Ends the process with one sentence for the person in front of it. */
export function giveUp(line, code = 1) {
  process.stderr.write(`${line}\n`)
  process.exit(code)
}

/**
 * The Node that the project runs on: Node 24 from the npm registry where that has a binary for this platform, else the
 * visitor's own if it is new enough.
 */
export function projectNode() {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  return giveUp(`Tsugi runs on Node 22 or newer; this is ${process.version}, and npm has no Node 24 for this platform.`)
}

/** The environment in which the workspace's tools and its Node come first. */
export function projectEnvironment(extra = {}) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter)
  return { ...process.env, PATH: path, ...extra }
}

/** Runs a command with its output on the screen, and resolves to its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: projectEnvironment(),
      shell: process.platform === 'win32',
      ...options,
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)))
  })
}
