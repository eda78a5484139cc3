// Stands in for gossipsub's peer scores. Our peers weigh every part of the score with 0 (packages/peer, gossip-service.ts): a player
// behind the same NAT as another is no worse for it. What always comes to 0 need not be computed.

export class PeerScore {
  readonly peerStats = new Map<string, never>()
  readonly peerIPs = new Map<string, never>()
  readonly size = 0
  readonly params: unknown

  constructor(params: unknown) {
    this.params = params
  }

  score(): number {
    return 0
  }

  messageFirstSeenTimestampMs(): null {
    return null
  }

  dumpPeerScoreStats(): Record<string, never> {
    return {}
  }

  start(): void {}
  stop(): void {}
  background(): void {}
  addPenalty(): void {}
  addPeer(): void {}
  removePeer(): void {}
  addIP(): void {}
  removeIP(): void {}
  validateMessage(): void {}
  deliverMessage(): void {}
  rejectInvalidMessage(): void {}
  rejectMessage(): void {}
  duplicateMessage(): void {}
  graft(): void {}
  prune(): void {}
}

export function computeAllPeersScoreWeights(): never[] {
  return []
}
