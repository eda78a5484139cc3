import type { BenchRelay } from './bench-relay.ts'
import type { Places } from './places.ts'

/** What is at hand while a fault lasts. */
interface Sufferers {
  /** What the peers were told of; one, unless the fault is about two. */
  readonly relays: readonly BenchRelay[]
  readonly places: Places
  /** The process of who listens. */
  readonly listenerPid: number
}

/** Something that goes wrong between one who speaks and one who listens. */
export interface MeshFault {
  readonly name: string
  readonly lastsMs: number
  /** `quick` faults are in every form, `long` ones only in the long one. */
  readonly form: 'quick' | 'usual' | 'long'
  /** How many relays the peers know. Default 1. */
  readonly relays?: 2
  /** Whether somebody new comes afterwards. */
  readonly hasNewcomer?: true
  begin(sufferers: Sufferers): Promise<unknown> | void
  end(sufferers: Sufferers): Promise<unknown> | void
  /** What must be undone for the next one. */
  restore?(sufferers: Sufferers): Promise<unknown> | void
}

const first = ({ relays }: Sufferers): BenchRelay => relays[0]!

/** Every fault, each for peers that have just started and found each other. */
export const meshFaults: readonly MeshFault[] = [
  {
    name: 'the relay is killed, and back after 3 s',
    lastsMs: 3_000,
    form: 'quick',
    hasNewcomer: true,
    begin: sufferers => first(sufferers).kill(),
    end: sufferers => first(sufferers).restart(),
  },
  {
    name: 'the relay ends in order, and is back after 3 s',
    lastsMs: 3_000,
    form: 'usual',
    begin: sufferers => first(sufferers).stop(),
    end: sufferers => first(sufferers).restart(),
  },
  {
    name: 'the relay is killed, and another is in its place after 3 s',
    lastsMs: 3_000,
    form: 'usual',
    async begin(sufferers) {
      await first(sufferers).kill()
      await first(sufferers).forgetIdentity()
    },
    end: sufferers => first(sufferers).restart(),
  },
  {
    name: 'one of two relays is killed, for good',
    lastsMs: 10_000,
    form: 'usual',
    relays: 2,
    begin: sufferers => first(sufferers).kill(),
    end: () => {},
    restore: sufferers => first(sufferers).restart(),
  },
  {
    name: 'the relay is frozen for 10 s',
    lastsMs: 10_000,
    form: 'usual',
    begin: sufferers => first(sufferers).freeze(),
    end: sufferers => first(sufferers).thaw(),
  },
  cut('both', 1, 'usual'),
  cut('both', 10, 'quick'),
  cut('both', 60, 'long'),
  cut('out', 10, 'usual'),
  cut('in', 10, 'usual'),
  {
    name: 'the listener’s and the relay’s clocks are an hour back for 5 s',
    lastsMs: 5_000,
    form: 'usual',
    begin: setClocks,
    end: setClocks,
  },
]

function cut(direction: 'in' | 'out' | 'both', seconds: number, form: MeshFault['form']): MeshFault {
  const words = {
    in: 'nothing reaches the listener',
    out: 'nothing of the listener’s gets out',
    both: 'the listener’s line is cut',
  }
  return {
    name: `${words[direction]} for ${seconds} s`,
    lastsMs: seconds * 1_000,
    form,
    begin: ({ places }) => places.listener.setLine({ cut: direction }),
    end: ({ places }) => places.listener.setLine({}),
  }
}

/** Back, and forward again at the second call. */
function setClocks({ relays, listenerPid }: Sufferers): void {
  for (const pid of [listenerPid, ...relays.map(relay => relay.pid)]) process.kill(pid, 'SIGUSR2')
}
