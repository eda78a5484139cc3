import { Uint8ArrayList } from 'uint8arraylist'
import { expect } from 'vitest'

import type { Relay } from '../src/relay.ts'
import { type RawPeer, startRawPeer } from './raw-peer.ts'
import type { Stage } from './stage.ts'
import { type TestRelay, until } from './start-relay.ts'

/** Two peers who want nothing but to talk over a circuit, and what the relay holds. */
export interface HonestPair {
  readonly caller: RawPeer
  readonly target: RawPeer
  /** Sends something through the circuit and waits until it is back. */
  talk(): Promise<void>
  /** What the relay held when they alone were there. */
  readonly before: object
  /** What it holds when an attacker has gone: the same as {@link before}, after a moment, or something has been left behind. */
  settled(): Promise<object>
}

/** The figures that an attacker could leave behind. */
function held(relay: Relay): object {
  const { peers, connections, circuits, gossip } = relay.stats()
  const { reservations, bufferedBytes } = circuits
  return { peers, connections, reservations, circuits: circuits.circuits, bufferedBytes, topics: gossip.topics }
}

/** Joins two honest peers by a circuit. */
export async function startHonestPair(stage: Stage, { relay, address }: TestRelay): Promise<HonestPair> {
  const [target, caller] = [await startRawPeer(address), await startRawPeer(address)]
  stage.defer(() => target.stop())
  stage.defer(() => caller.stop())
  await target.reserve()
  const accepted = target.accepted()
  const { stream: near } = await caller.connect(target)
  const { stream: far } = await accepted
  far.addEventListener('message', ({ data }) => void far.send(data))
  const back = new Uint8ArrayList()
  near.addEventListener('message', ({ data }) => back.append(data))
  await until('the target is at rest', () => relay.stats().circuits.circuits === 1)
  const before = held(relay)
  return {
    caller,
    target,
    async talk() {
      const message = crypto.getRandomValues(new Uint8Array(200))
      near.send(message)
      await until('the honest pair still talks', () => back.byteLength >= message.length)
      expect(back.sublist(0, message.length).subarray()).toEqual(message)
      back.consume(message.length)
    },
    before,
    async settled() {
      const deadline = Date.now() + 20_000
      while (JSON.stringify(held(relay)) !== JSON.stringify(before) && Date.now() < deadline) {
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      return held(relay)
    },
  }
}
