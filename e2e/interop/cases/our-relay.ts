import { RelayProcess } from '../../harness/relay-process.ts'
import { type Implementation, stock } from '../implementation.ts'
import { Skipped, Table, must, mustEqual, statusOf } from '../matrix.ts'
import { mustBeTold } from '../node.ts'

const limit = { seconds: 90, bytes: 262_144 }
const limitFlags = ['--circuit-data', '256KiB', '--circuit-duration', '90s', '--reservation-ttl', '1min']

/** A relay process of ours, ended with its block. */
export async function startOurRelay(
  ...flags: string[]
): Promise<AsyncDisposable & { readonly process: RelayProcess; readonly address: string }> {
  const process = await RelayProcess.start(...flags)
  return {
    process,
    address: `/ip4/127.0.0.1/tcp/${process.port}/ws/p2p/${process.ready.peerId}`,
    [Symbol.asyncDispose]: () => process.dispose(),
  }
}

/** Our relay process, everybody's clients. */
export async function tryOurRelay(implementations: readonly Implementation[]): Promise<Table> {
  const table = new Table(
    'Our relay, their clients',
    implementations.map(({ name }) => name),
  )
  const renewals: Promise<void>[] = []
  {
    await using relay = await startOurRelay(...limitFlags)
    for (const each of implementations) {
      await tryReservation(table, each, relay.address)
      await tryLimits(table, each, relay.address)
      renewals.push(tryRenewal(table, each, relay.address))
    }
    await tryDuration(table, implementations)
    await tryStatuses(table, implementations)
    // It takes most of the minute that a slot lasts; the rest goes on meanwhile.
    await Promise.all(renewals)
  }
  return table
}

async function tryReservation(table: Table, { name, start }: Implementation, address: string): Promise<void> {
  await using node = await start()
  const relay = address.slice(address.lastIndexOf('/') + 1)
  await table.try('reserve over WebSocket', name, async () => {
    const { addresses, limit: told } = await node.reserve(address)
    if (addresses !== undefined)
      must(addresses.includes(address), `the relay’s address is not among ${addresses.join(', ')}`)
    if (told !== undefined) mustEqual('the limits', told, limit)
  })
  await table.try('the voucher is signed by the relay, and about its holder', name, async () => {
    const { voucher, expiresAtSeconds } = await node.reserve(address)
    if (voucher === undefined) return new Skipped('the library does not show it')
    mustEqual('the voucher', voucher, { relay, peer: node.peer, expiresAtSeconds })
  })
}

async function tryRenewal(table: Table, { name, start }: Implementation, address: string): Promise<void> {
  const relay = address.slice(address.lastIndexOf('/') + 1)
  await table.try('the slot is renewed before it ends', name, async () => {
    await using node = await start()
    const { expiresAtSeconds = 0 } = await node.reserve(address)
    if (name === 'go') {
      // go's client leaves that to its user.
      while (Date.now() / 1_000 < expiresAtSeconds - 50) await new Promise(resolve => setTimeout(resolve, 500))
      const renewed = await node.reserve(address)
      must((renewed.expiresAtSeconds ?? 0) > expiresAtSeconds, 'it ends no later')
      return 'asked for by hand'
    }
    await node.heard('renewed', ({ peer }) => peer === relay, 60_000)
    return 'by the library, of 60 s'
  })
}

/** Both ways, with a stock peer at the other end. */
async function tryLimits(table: Table, { name, start }: Implementation, relay: string): Promise<void> {
  await using node = await start()
  await using other = await stock.start()
  await node.reserve(relay)
  await other.reserve(relay)
  for (const [what, caller, target] of [
    ['calls', node, other],
    ['is called', other, node],
  ] as const) {
    await table.try(`the limits, told to both ends when it ${what}`, name, async () => {
      mustBeTold('the caller', (await caller.connect(`${relay}/p2p-circuit/p2p/${target.peer}`)).limit, limit)
      mustBeTold('the target', (await target.heard('circuit', ({ peer }) => peer === caller.peer)).limit, limit)
      return `${limit.bytes} bytes, ${limit.seconds} s`
    })
    await table.try(`a circuit that has carried its limit ends, when it ${what}`, name, async () => {
      const half = limit.bytes / 2
      mustEqual('half of it', await caller.echo(target.peer, half), { returned: half, isCorrect: true, isWhole: true })
      const { isCorrect, isWhole, returned } = await caller.echo(target.peer, limit.bytes)
      must(isCorrect && !isWhole && returned < half, `${returned} bytes came back`)
      for (const [one, far] of [
        [caller, target],
        [target, caller],
      ] as const) {
        await one.heard('closed', ({ peer, isCircuit }) => isCircuit && peer === far.peer)
      }
    })
  }
}

async function tryDuration(table: Table, implementations: readonly Implementation[]): Promise<void> {
  const brief = { seconds: 3, bytes: limit.bytes }
  await using relay = await startOurRelay('--circuit-data', '256KiB', '--circuit-duration', '3s')
  await using target = await stock.start()
  await target.reserve(relay.address)
  for (const { name, start } of implementations) {
    await table.try('a circuit that has stood for its time ends', name, async () => {
      await using node = await start()
      mustBeTold('the caller', (await node.connect(`${relay.address}/p2p-circuit/p2p/${target.peer}`)).limit, brief)
      await node.heard('closed', ({ peer, isCircuit }) => isCircuit && peer === target.peer)
      await target.heard('closed', ({ peer, isCircuit }) => isCircuit && peer === node.peer)
      return `${brief.seconds} s`
    })
  }
}

/** Refusals, as each library makes them known. */
async function tryStatuses(table: Table, implementations: readonly Implementation[]): Promise<void> {
  await using full = await startOurRelay('--max-reservations', '2', '--peer-circuits', '1')
  await using closed = await startOurRelay('--apps', 'another-app')
  await using first = await stock.start()
  await using second = await stock.start()
  await first.reserve(full.address)
  await second.reserve(full.address)
  const to = (address: string, peer: string): string => `${address}/p2p-circuit/p2p/${peer}`
  for (const { name, start } of implementations) {
    await using node = await start()
    const expect = (status: string, doing: () => Promise<unknown>): Promise<void> =>
      table.try(`\`${status}\``, name, async () => mustEqual('the status', await statusOf(doing()), status))
    await expect('RESERVATION_REFUSED', () => node.reserve(full.address))
    await expect('PERMISSION_DENIED', () => node.reserve(closed.address))
    await expect('NO_RESERVATION', () => node.connect(to(full.address, strangerId)))
    await expect('RESOURCE_LIMIT_EXCEEDED', async () => {
      await node.connect(to(full.address, first.peer))
      await node.connect(to(full.address, second.peer))
    })
  }
}

/** Somebody who is nowhere. */
const strangerId = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
