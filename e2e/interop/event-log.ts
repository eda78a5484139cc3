import type { NodeEvent } from './node.ts'

const maxEvents = 1_000

/** What a node has told, for whoever asks later. */
export class EventLog {
  readonly #events: NodeEvent[] = []
  readonly #waiting = new Set<() => void>()
  #ended: Error | undefined

  add(event: NodeEvent): void {
    this.#events.push(event)
    if (this.#events.length > maxEvents) this.#events.shift()
    for (const look of this.#waiting) look()
  }

  /** Nothing more will come. */
  end(reason: Error): void {
    this.#ended = reason
    for (const look of this.#waiting) look()
  }

  find<Name extends NodeEvent['event']>(
    name: Name,
    fits: (event: Extract<NodeEvent, { event: Name }>) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<Extract<NodeEvent, { event: Name }>> {
    return new Promise((resolve, reject) => {
      const done = (act: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        act()
      }
      const look = (): void => {
        const ended = this.#ended
        const found = this.#events.find(
          (each): each is Extract<NodeEvent, { event: Name }> => each.event === name && fits(each as never),
        )
        if (found !== undefined) done(() => resolve(found))
        else if (ended !== undefined) done(() => reject(ended))
      }
      const timer = setTimeout(() => done(() => reject(new Error(`no event "${name}" in ${timeoutMs} ms`))), timeoutMs)
      this.#waiting.add(look)
      look()
    })
  }
}
