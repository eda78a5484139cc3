import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The program of another implementation, or why there is none. */
export type Built =
  | { readonly program: string; readonly versions: string; readonly seconds: number }
  | { readonly reason: string }

const here = fileURLToPath(new URL('.', import.meta.url))
const cache = fileURLToPath(new URL('../../.cache/interop/', import.meta.url))
/** A cold build takes two minutes of two cores. */
const timeoutMs = 8 * 60_000

/**
 * Builds the go program. The modules come from the proxy that Go is set up with, and must be those of go.sum.
 *
 * @throws Error when it does not compile
 */
export function buildGo(): Built {
  return buildModule('go', ['go-libp2p', 'go-libp2p-pubsub'])
}

/**
 * Builds the program of an older go-libp2p, whose WebTransport dialler our listener understands.
 *
 * @throws Error when it does not compile
 */
export function buildOlderGo(): Built {
  return buildModule('go-webtransport', ['go-libp2p', 'webtransport-go'])
}

/** @param shown - the modules whose versions are told */
function buildModule(name: string, shown: readonly string[]): Built {
  const version = run('.', 'go', 'version')
  if (!version.ok) return { reason: 'there is no Go here' }
  const folder = join(here, name)
  const program = join(cache, `tsugi-interop-${name}`)
  const fetched = run(folder, 'go', 'mod', 'download')
  if (!fetched.ok) return { reason: `the modules cannot be fetched: ${fetched.text}` }
  const seconds = build(folder, 'go', 'build', '-mod=readonly', '-trimpath', '-o', program, '.')
  if (seconds === undefined) return tooSlow
  const modules = readFileSync(join(folder, 'go.mod'), 'utf8')
  const pinned = shown.map(each => `${each} ${new RegExp(`/${each} v(\\S+)`).exec(modules)?.[1] ?? '?'}`)
  return { program, seconds, versions: `${pinned.join(', ')}, ${version.text.split(' ')[2] ?? 'go'}` }
}

/**
 * Builds the rust program, without optimizing: what it does is wait for others.
 *
 * @throws Error when it does not compile
 */
export function buildRust(): Built {
  const version = run('.', 'cargo', '--version')
  if (!version.ok) return { reason: 'there is no cargo here' }
  const folder = join(here, 'rust')
  const target = join(cache, 'rust')
  const fetched = run(folder, 'cargo', 'fetch', '--quiet', '--locked')
  if (!fetched.ok) return { reason: `the crates cannot be fetched: ${fetched.text}` }
  const seconds = build(folder, 'cargo', 'build', '--quiet', '--locked', '--offline', '--target-dir', target)
  if (seconds === undefined) return tooSlow
  const locked = readFileSync(join(folder, 'Cargo.lock'), 'utf8')
  const versionOf = (name: string): string => new RegExp(`name = "${name}"\nversion = "(.*)"`).exec(locked)?.[1] ?? '?'
  const pinned = ['libp2p-relay', 'libp2p-gossipsub'].map(name => `${name} ${versionOf(name)}`)
  const rust = version.text.split(' ').slice(0, 2).join(' ')
  return {
    program: join(target, 'debug', 'tsugi-interop'),
    seconds,
    versions: `rust-libp2p ${versionOf('libp2p')} (${pinned.join(', ')}), ${rust}`,
  }
}

const tooSlow = { reason: `its build was not over after ${timeoutMs / 60_000} min` }

/** Seconds that it took; `undefined` when it took too long. */
function build(folder: string, program: string, ...args: readonly string[]): number | undefined {
  mkdirSync(cache, { recursive: true })
  const startedAt = performance.now()
  const built = run(folder, program, ...args)
  if (built.isLate) return undefined
  if (!built.ok) throw new Error(`${program} ${args.join(' ')} failed: ${built.text}`)
  return (performance.now() - startedAt) / 1_000
}

function run(
  folder: string,
  program: string,
  ...args: readonly string[]
): { readonly ok: boolean; readonly isLate: boolean; readonly text: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: timeoutMs,
  })
  const isLate = error !== undefined && 'code' in error && error.code === 'ETIMEDOUT'
  if (status === 0) return { ok: true, isLate, text: stdout.trim() }
  return { ok: false, isLate, text: error?.message ?? stderr.trim().split('\n').slice(-5).join(' / ') }
}
