import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { GamesResult } from './games-process.ts'

/** Games that a process of their own plays. */
export class Games implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
  }

  /** Resolves when all players sit. */
  static async seat(url: string, games: number, moves: number): Promise<Games> {
    const script = fileURLToPath(new URL('games-process.ts', import.meta.url))
    const started = new Games(fork(script, [url, `${games}`, `${moves}`], { execArgv: ['--no-warnings'] }))
    await started.#message()
    return started
  }

  /** Plays them all at once. */
  async play(): Promise<GamesResult> {
    this.#child.send('play')
    return (await this.#message()) as GamesResult
  }

  /** The players leave. */
  async leave(): Promise<void> {
    this.#child.send('leave')
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async #message(): Promise<unknown> {
    const ended = this.#exited.then(() => {
      throw new Error('the process of the games has ended')
    })
    const [message] = (await Promise.race([once(this.#child, 'message'), ended])) as [unknown]
    return message
  }
}
