import type { Libp2p } from '@libp2p/interface'

/**
 * Removes from libp2p's own peer store whom nobody knows any more: it learns everybody who ever connected, and forgets them after hours.
 *
 * @param isKnown - whether a peer without a connection is to stay
 * @returns how many entries are left
 */
export async function sweepPeerStore(
  node: Pick<Libp2p, 'peerStore' | 'peerId' | 'getConnections'>,
  isKnown: (peer: string) => boolean,
): Promise<number> {
  const all = await node.peerStore.all()
  const unknown = all.filter(
    ({ id }) => !id.equals(node.peerId) && !isKnown(id.toString()) && node.getConnections(id).length === 0,
  )
  for (const { id } of unknown) await node.peerStore.delete(id)
  return all.length - unknown.length
}
