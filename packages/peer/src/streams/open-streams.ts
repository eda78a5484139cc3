import type { Connection } from '@libp2p/interface'
import { streamsProtocol } from '@tsugi/protocol'

import { parsePeer } from '../links/mesh-links.ts'
import { addressesOf } from '../links/peer-addresses.ts'
import { MeshPeer } from '../mesh-peer.ts'
import { PeerError } from '../peer-error.ts'
import type { Peer } from '../peer.ts'
import { CarrierWays } from './carrier-ways.ts'
import type { Streams } from './peer-stream.ts'
import { StreamRoom } from './stream-room.ts'

const rooms = new WeakMap<MeshPeer, StreamRoom>()

/**
 * A peer's streams; asked again, the same ones. They end with the peer.
 *
 * @throws PeerError `peer/invalid-option` for what `createPeer` has not made, `peer/stopped`
 */
export function openStreams(peer: Peer): Streams {
  if (!(peer instanceof MeshPeer)) throw new PeerError('peer/invalid-option', 'Not a peer that createPeer has made.')
  if (peer.state === 'stopped') throw new PeerError('peer/stopped', 'The peer has stopped.')
  const known = rooms.get(peer)
  if (known?.isClosed === false) return known
  const room = makeRoom(peer)
  rooms.set(peer, room)
  return room
}

function makeRoom(peer: MeshPeer): StreamRoom {
  const { id: self, app, book, farewells, limits, links, node, topics } = peer
  const tasks = peer.group('streams')
  const ways = new CarrierWays({
    connections: remote => peer.connectionsTo(remote),
    held: links.held,
    hurry(remote) {
      if (book.get(remote) === undefined) book.see(remote, addressesOf(remote, circuitsTo(peer)))
      links.hurry(remote)
    },
    isTheirs: remote => remote < self && topics.isPresent(remote),
  })
  const room = new StreamRoom({
    self,
    app,
    limits,
    tasks,
    ways,
    parsePeer: text => parsePeer(text, self),
    onClose() {
      farewells.delete(farewell)
      return Promise.resolve(node.unhandle(streamsProtocol))
    },
  })
  const farewell = (): Promise<void> => room.close()
  farewells.add(farewell)
  const wake = ({ detail }: CustomEvent<Connection>): void => ways.wake(detail.remotePeer.toString() as never)
  tasks.listen('opened', node as never, 'connection:open', wake)
  tasks.listen('closed', node as never, 'connection:close', wake)
  tasks.listen('relays', peer as never, 'relay:change', ({ detail }: CustomEvent<{ readonly change: string }>) => {
    if (detail.change === 'reserved') ways.wakeAll()
  })
  const { streamsPerPeer } = limits
  tasks.run('handle', () =>
    Promise.resolve(
      node.handle(streamsProtocol, (line, connection) => room.greet(line, connection), {
        runOnLimitedConnection: true,
        // One that replaces another stands beside it for a moment, whoever opened them.
        maxInboundStreams: streamsPerPeer * 2,
        maxOutboundStreams: streamsPerPeer * 2,
      }),
    ),
  )
  return room
}

/** By way of our relays: where a peer of whom nothing is known would be, if anywhere. */
function circuitsTo(peer: MeshPeer): string[] {
  return peer.relays
    .connections()
    .flatMap(({ remoteAddr }) => [
      `${remoteAddr.toString()}/p2p-circuit`,
      `${remoteAddr.toString()}/p2p-circuit/webrtc`,
    ])
}
