/** Half of V8's default: the young generation of a relay is garbage, and what it holds on to of the system's memory is three times its size. */
const youngGenerationFlag = '--max-semi-space-size=4'
/** glibc keeps an arena of freed memory for each thread; two are enough for a process whose work is in one. */
const allocatorVariable = 'MALLOC_ARENA_MAX'
const allocatorArenas = '2'

/** The part of `process` that is needed; a stand-in in tests. */
export interface Launch {
  readonly execPath: string
  readonly execArgv: readonly string[]
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isConnected: boolean
  readonly execve: ((file: string, args: string[], env: Record<string, string>) => void) | undefined
}

/**
 * Starts this process anew, under its own id, with settings that V8 and the allocator take only at their start. They cost nothing that
 * can be measured and save a third of the relay's memory (docs/benchmarks.md). Does nothing where they are set already, by whomever, and
 * where a process cannot replace itself (Windows).
 */
export function applyMemorySettings({ execPath, execArgv, argv, env, isConnected, execve }: Launch): void {
  const given = [...execArgv, env['NODE_OPTIONS'] ?? ''].join(' ')
  if (execve === undefined || isConnected || /max[-_]semi[-_]space[-_]size/.test(given)) return
  const variables = Object.entries({ [allocatorVariable]: allocatorArenas, ...env }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  execve(execPath, [execPath, youngGenerationFlag, ...execArgv, ...argv.slice(1)], Object.fromEntries(variables))
}
