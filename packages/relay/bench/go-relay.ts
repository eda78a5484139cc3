import { ForeignNode } from '../../../e2e/interop/foreign-node.ts'
import type { BenchRelay, BenchTransport } from './bench-relay.ts'

const many = 100_000

/** go-libp2p's relay in a process of its own, without limits, as the program of the interop suite. */
export class GoRelay implements BenchRelay {
  readonly #node: ForeignNode

  private constructor(node: ForeignNode) {
    this.#node = node
  }

  static async start(program: string): Promise<GoRelay> {
    const node = await ForeignNode.start(program, {
      listen: ['/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/quic-v1/webtransport'],
      relay: { reservationSeconds: 3_600, maxReservations: many, maxCircuits: many, limit: null },
    })
    return new GoRelay(node)
  }

  addressOf(transport: BenchTransport): string {
    const sign = transport === 'websocket' ? '/ws/' : `/${transport}/certhash/`
    return this.#node.addresses.find(each => each.includes(sign)) ?? ''
  }

  async cpuMs(): Promise<number> {
    return (await this.#node.used()).cpuMs
  }

  holding(): Promise<{ readonly rssBytes: number }> {
    return this.#node.used()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#node[Symbol.asyncDispose]()
  }
}
