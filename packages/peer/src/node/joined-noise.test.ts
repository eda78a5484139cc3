import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Logger } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { expect, it } from 'vitest'

import { joinedNoise } from './joined-noise.ts'

const log: Logger = Object.assign(() => {}, { enabled: false, error() {}, trace() {}, newScope: () => log })
const parts = async () => ({
  privateKey: await generateKeyPair('Ed25519'),
  logger: { forComponent: () => log },
  upgrader: { getStreamMuxers: () => new Map() },
})

it('every Noise message leaves in one piece, which a WebSocket sends as one frame', async () => {
  const [near, far] = multiaddrConnectionPair()
  const send = near.send.bind(near)
  const pieces: unknown[] = []
  near.send = data => {
    pieces.push(data)
    return send(data)
  }
  const [dialler, listener] = [joinedNoise()((await parts()) as never), noise()((await parts()) as never)]
  const [{ connection }, theirs] = await Promise.all([dialler.secureOutbound(near), listener.secureInbound(far)])
  const heard = new Promise<Uint8Array>(resolve => {
    theirs.connection.addEventListener('message', ({ data }) => resolve(data.subarray()))
  })
  const before = pieces.length
  connection.send(Uint8Array.of(1, 2, 3))
  expect(await heard).toEqual(Uint8Array.of(1, 2, 3))
  expect(pieces.length - before).toBe(1)
  expect(pieces.every(piece => piece instanceof Uint8Array)).toBe(true)
  // Several messages at once, as after a pause, would be a frame larger than relays take.
  connection.send(new Uint8Array(300_000))
  expect(pieces.at(-1)).not.toBeInstanceOf(Uint8Array)
})
