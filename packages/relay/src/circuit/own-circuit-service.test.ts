import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'

const stage = createStage()

test('[A2] a reservation ends when its peer disconnects, so those who left block nobody', async () => {
  const { relay, address } = await stage.relay({ limits: { relayReservations: 2 } })
  for (let round = 0; round < 3; round += 1) {
    const guest = await stage.reserved(address)
    await until('a slot is held', () => relay.stats().circuits.reservations === 1)
    await guest.stop()
    await until('it is free again', () => relay.stats().circuits.reservations === 0)
  }
  expect(relay.stats().circuits.reservationsReleased).toBe(3)
})

test('relayReservations: a reservation beyond the ceiling is refused', async () => {
  const { relay, address } = await stage.relay({ limits: { relayReservations: 1 } })
  await stage.reserved(address)
  await until('a slot is held', () => relay.stats().circuits.reservations === 1)
  await expect(stage.reserved(address)).rejects.toThrow(/RESERVATION_REFUSED/)
})

test('circuits are counted while they are open, and relayed connections carry limits', async () => {
  const { relay, address } = await stage.relay()
  const listener = await stage.reserved(address)
  await until('a slot is held', () => relay.stats().circuits.reservations === 1)
  const caller = await stage.guest(address)
  const connection = await caller.dial(multiaddr(`${address}/p2p-circuit/p2p/${listener.peerId.toString()}`))
  expect(connection.limits).toBeDefined()
  expect(relay.stats().circuits.circuits).toBe(1)
  await connection.close()
  await until('it is closed', () => relay.stats().circuits.circuits === 0)
})
