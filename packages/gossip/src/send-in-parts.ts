import type { ArrivingMessage, GossipSubInside } from './gossip-inside.ts'

/** What one frame of ours may hold, so that the other end takes it. */
export interface FrameRoom {
  readonly messages: number
  /** Of payload; what is around it counts as `framingBytes` a message. */
  readonly bytes: number
  readonly framingBytes: number
}

/**
 * Messages that a peer has asked for again go out in as many frames as they need. Gossipsub puts them all into one, which the other end
 * cannot read when several were great, or many were missed: it would lose the stream over what it had asked for.
 */
export function sendInParts(inside: GossipSubInside, room: FrameRoom): void {
  const send = inside.sendRpc.bind(inside)
  inside.sendRpc = (peer, rpc) => {
    const parts = split(rpc.messages, room)
    const last = parts.pop() ?? []
    const areSent = parts.every(messages => send(peer, { subscriptions: [], messages }))
    return areSent && send(peer, { ...rpc, messages: last })
  }
}

function split(messages: readonly ArrivingMessage[], room: FrameRoom): ArrivingMessage[][] {
  const parts: ArrivingMessage[][] = []
  let part: ArrivingMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = (message.data?.byteLength ?? 0) + room.framingBytes
    if (part.length > 0 && (part.length >= room.messages || bytes + size > room.bytes)) {
      parts.push(part)
      part = []
      bytes = 0
    }
    part.push(message)
    bytes += size
  }
  parts.push(part)
  return parts
}
