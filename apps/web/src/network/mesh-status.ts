/** How the page stands with its relays, in plain data. */
export interface MeshStatus {
  readonly state: 'connecting' | 'ready' | 'offline'
  /** Why it is not ready, for a person; null when it is. */
  readonly reason: string | null
  /** When it will try again, in milliseconds since the epoch. */
  readonly retryAt: number | null
  /** The relays that are used, as their host names. */
  readonly relays: readonly string[]
}

/** Before the network code has loaded. */
export const beforeMesh: MeshStatus = { state: 'connecting', reason: null, retryAt: null, relays: [] }

/** What the chip in the header says. */
export function meshLabel(status: MeshStatus): string {
  switch (status.state) {
    case 'ready':
      return 'Ready'
    case 'connecting':
      return 'Connecting'
    case 'offline':
      return 'Offline'
  }
}

/** One or two sentences: what it means, and what to do. */
export function meshSentence(status: MeshStatus, now: number): string {
  const relay = status.relays.length > 0 ? status.relays.join(', ') : 'the relay'
  switch (status.state) {
    case 'ready':
      return `Connected to ${relay}. It introduces you to your opponent and passes the moves on until you have a direct line. It cannot read them.`
    case 'connecting':
      return `Reaching ${relay}. You can set up a game meanwhile.`
    case 'offline': {
      const wait = status.retryAt === null ? 0 : Math.ceil((status.retryAt - now) / 1_000)
      const again = wait > 1 ? `Trying again in ${wait} s.` : 'Trying again now.'
      const why = status.reason === null ? '' : ` (${status.reason})`
      return `${relay} cannot be reached${why}. ${again} Check your internet connection; if that is fine, the relay may be down: tell whoever runs it. Games with a direct line go on.`
    }
  }
}
