import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { join } from 'node:path'

const message = Buffer.alloc(200, 9)

/**
 * Round trips to a process that does nothing but answer. At load they wait for what every round trip here waits for, the driver's own event loop
 * and the machine's two cores, and not for a relay.
 */
export class Echo {
  readonly #child: ChildProcess
  readonly #socket: Socket
  #missingBytes = 0
  #answered: () => void = () => {}

  private constructor(child: ChildProcess, socket: Socket) {
    this.#child = child
    this.#socket = socket
    socket.on('data', bytes => {
      this.#missingBytes -= bytes.length
      if (this.#missingBytes === 0) this.#answered()
    })
  }

  static async start(): Promise<Echo> {
    const child = fork(join(import.meta.dirname, 'echo-process.ts'), { execArgv: ['--no-warnings'] })
    const [port] = (await once(child, 'message')) as [number]
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Echo(child, socket)
  }

  /** The time of one round trip of 200 bytes, ms. */
  async roundTrip(): Promise<number> {
    const startedAt = performance.now()
    const answered = new Promise<void>(resolve => {
      this.#answered = resolve
    })
    this.#missingBytes = message.length
    this.#socket.write(message)
    await answered
    return performance.now() - startedAt
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }
}
