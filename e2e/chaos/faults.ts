import type { RelayProcess } from '../harness/relay-process.ts'
import type { LineFault } from '../lab/router-rules.ts'
import type { Site } from '../lab/site.ts'
import type { World } from './world.ts'

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string
  readonly seconds: number
  /** Whether the short form has it. */
  readonly isShort: boolean
  /** Whether it needs lines that can be cut. */
  readonly needsLines: boolean
  begin(world: World): Promise<void> | void
  end(world: World): Promise<void> | void
}

interface Extent {
  readonly seconds: number
  readonly isShort?: boolean
}

const first = ({ relays }: World): RelayProcess => relays[0]!
const second = ({ relays }: World): RelayProcess => relays[1]!

/** Every fault, in the order in which they come. */
export const faults: readonly Fault[] = [
  {
    ...fault('a relay is killed and comes back', { seconds: 5, isShort: true }),
    begin: world => first(world).kill(),
    end: world => first(world).restart(),
  },
  {
    ...fault('a relay is stopped in order and comes back', { seconds: 5 }),
    begin: async world => void (await first(world).stop()),
    end: world => first(world).restart(),
  },
  {
    ...fault('a relay is replaced by another at its address', { seconds: 5, isShort: true }),
    async begin(world) {
      await second(world).stop()
      await second(world).forgetIdentity()
    },
    end: world => second(world).restart(),
  },
  {
    ...fault('both relays are killed and come back', { seconds: 10, isShort: true }),
    async begin({ relays }) {
      for (const relay of relays) await relay.kill()
    },
    async end({ relays }) {
      for (const relay of relays) await relay.restart()
    },
  },
  cut('both', { seconds: 1 }),
  cut('both', { seconds: 10, isShort: true }),
  cut('both', { seconds: 60 }),
  // Longer than pings, the gossip route and every attempt wait.
  cut('both', { seconds: 200 }),
  cut('out', { seconds: 15, isShort: true }),
  cut('in', { seconds: 15 }),
  // Afterwards the lines of the two homes to the relays go by UDP, and the next fault takes all that they have.
  cut('tcp', { seconds: 30, isShort: true }),
  cut('udp', { seconds: 40, isShort: true }),
  {
    ...fault('the cable of two homes is pulled', { seconds: 10 }, true),
    begin: world => onTwoLines(world, site => site.setPlugged(false)),
    end: world => onTwoLines(world, site => site.setPlugged(true)),
  },
  {
    ...fault('a relay loses its line', { seconds: 30 }, true),
    begin: async ({ relaySites }) => relaySites[0]?.setLine({ cut: 'both' }),
    end: async ({ relaySites }) => relaySites[0]?.setLine({}),
  },
  {
    ...fault('a home’s process is frozen', { seconds: 15, isShort: true }),
    begin: ({ homes }) => homes[1]!.players.freeze(),
    end: ({ homes }) => homes[1]!.players.thaw(),
  },
  {
    ...fault('a relay’s process is frozen', { seconds: 15, isShort: true }),
    begin: world => first(world).freeze(),
    end: world => first(world).thaw(),
  },
  {
    ...fault('the clocks of a home and of a relay are set back by an hour', { seconds: 15, isShort: true }),
    begin: world => setClocks(world),
    end: world => setClocks(world),
  },
]

function fault(name: string, { seconds, isShort = false }: Extent, needsLines = false): Omit<Fault, 'begin' | 'end'> {
  return { name, seconds, isShort, needsLines }
}

function cut(direction: NonNullable<LineFault['cut']>, extent: Extent): Fault {
  const words = {
    in: 'nothing reaches two homes',
    out: 'nothing of two homes gets out',
    both: 'the line of two homes is cut',
    tcp: 'no TCP passes the lines of two homes',
    udp: 'no UDP passes the lines of two homes',
  }
  return {
    ...fault(`${words[direction]} for ${extent.seconds} s`, extent, true),
    begin: world => onTwoLines(world, site => site.setLine({ cut: direction })),
    end: world => onTwoLines(world, site => site.setLine({})),
  }
}

/** Two homes suffer, the others are their opponents. */
async function onTwoLines({ homes }: World, act: (site: Site) => Promise<void>): Promise<void> {
  for (const { site } of homes.slice(0, 2)) if (site !== undefined) await act(site)
}

/** Back, and forward again at the second call; see wall-clock.mjs. */
function setClocks({ homes, relays }: World): void {
  for (const pid of [homes[0]!.players.pid, relays[0]!.pid]) process.kill(pid, 'SIGUSR2')
}
