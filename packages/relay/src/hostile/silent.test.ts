import { expect, test } from 'vitest'

import { startForwarder } from '../../test-support/forwarder.ts'
import { startHonestPair } from '../../test-support/honest-pair.ts'
import { collect, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import type { RelayEvent } from '../relay-events.ts'

const stage = createStage()

test.each([
  ['says nothing', 0],
  // More than fits into windows and sockets, so that the relay cannot even ask.
  ['has left unread what was sent to it', 4_000_000],
])(
  '[A2] [B6] a peer whose line dies without a word, and %s, is found; its reservation and circuits end, and the other ends are told',
  async (_what, bytes) => {
    const events: RelayEvent[] = []
    const unlimited = Number.POSITIVE_INFINITY
    const started = await stage.relay({
      limits: {
        peerSilenceMs: 1_000,
        circuitBytesPerSecond: unlimited,
        peerBytesPerSecond: unlimited,
        relayBytesPerSecond: unlimited,
      },
      onEvent: event => void events.push(event),
    })
    const { relay, address, port } = started
    const honest = await startHonestPair(stage, started)
    const forwarder = await startForwarder(port)
    stage.defer(() => forwarder.stop())
    const dead = await startRawPeer(address.replace(`/tcp/${port}/`, `/tcp/${forwarder.port}/`))
    stage.defer(() => dead.stop())
    await dead.reserve()
    const { stream } = await honest.caller.connect(dead)
    const { ended } = collect(stream)
    forwarder.freeze()
    if (bytes > 0) stream.send(new Uint8Array(bytes))
    await ended
    await until('the reservation has ended', () => relay.stats().circuits.reservations === 1)
    const { id } = dead
    expect(events).toContainEqual({ type: 'reservation:ended', peer: id, reason: 'disconnected' })
    expect(events.find(each => each.type === 'circuit:closed')).toMatchObject({
      circuit: { source: honest.caller.id, target: id },
      reason: 'disconnected',
    })
    expect(relay.stats().refusals).toEqual({ 'peer/silent': 1 })
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  },
)
