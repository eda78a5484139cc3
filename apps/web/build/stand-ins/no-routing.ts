// Stands in for libp2p's routing of peers and content, and for the random walks over it: without a DHT there is nobody to ask. Relays
// come from the page's address, other peers from the topics.

class Routing {
  readonly routers: readonly never[] = []

  findPeer(): Promise<never> {
    const error = new Error('This page looks no peers up; it dials their addresses.')
    error.name = 'NoPeerRoutersError'
    return Promise.reject(error)
  }

  async *getClosestPeers(): AsyncGenerator<never> {}
  async *walk(): AsyncGenerator<never> {}
}

export { Routing as CompoundContentRouting, Routing as DefaultPeerRouting, Routing as RandomWalk }
