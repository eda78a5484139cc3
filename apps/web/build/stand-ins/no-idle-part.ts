// Stands in for parts of libp2p that our peers switch off (packages/peer, create-node.ts and reservation-port.ts): the connection monitor,
// the reconnect queue, and the search for relays nobody named. They are constructed and started all the same.

class IdlePart extends EventTarget {
  start(): void {}
  stop(): void {}
}

export { IdlePart as ConnectionMonitor, IdlePart as ReconnectQueue, IdlePart as RelayDiscovery }
