import { randomBytes } from 'node:crypto'
import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'

const magicCookie = 0x2112_a442
const method = { allocate: 0x0003, channelBind: 0x0009 } as const
const attribute = {
  channelNumber: 0x000c,
  lifetime: 0x000d,
  peerAddress: 0x0012,
  relayedAddress: 0x0016,
  transport: 0x0019,
} as const
const udp = 17
const channel = 0x4000

/** A UDP address of this machine. */
export interface UdpAddress {
  readonly host: string
  readonly port: number
}

/** As much of a TURN client (RFC 8656) as a benchmark needs: an allocation over UDP without credentials, and one channel. */
export class TurnClient {
  readonly #socket: Socket
  readonly #server: UdpAddress
  onData: (data: Buffer) => void = () => {}
  /** Where others send to reach this client. */
  relayed: UdpAddress = { host: '127.0.0.1', port: 0 }

  private constructor(socket: Socket, server: UdpAddress) {
    this.#socket = socket
    this.#server = server
  }

  static async allocate(server: UdpAddress): Promise<TurnClient> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 2 ** 20, sendBufferSize: 4 * 2 ** 20 })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const client = new TurnClient(socket, server)
    const answer = await client.#ask(method.allocate, [[attribute.transport, Buffer.of(udp, 0, 0, 0)]])
    client.relayed = readAddress(answer.get(attribute.relayedAddress))
    socket.on('message', data => {
      if (data.readUInt16BE(0) === channel) client.onData(data.subarray(4, 4 + data.readUInt16BE(2)))
    })
    return client
  }

  /** Binds the channel to a peer, which may send from then on. */
  async bind(peer: UdpAddress): Promise<void> {
    await this.#ask(method.channelBind, [
      [attribute.channelNumber, Buffer.of(channel >>> 8, channel & 0xff, 0, 0)],
      [attribute.peerAddress, writeAddress(peer)],
    ])
  }

  send(data: Uint8Array): void {
    const message = Buffer.allocUnsafe(4 + data.length)
    message.writeUInt16BE(channel, 0)
    message.writeUInt16BE(data.length, 2)
    message.set(data, 4)
    this.#socket.send(message, this.#server.port, this.#server.host)
  }

  close(): void {
    this.#socket.close()
  }

  async #ask(kind: number, attributes: ReadonlyArray<readonly [number, Buffer]>): Promise<Map<number, Buffer>> {
    const body = Buffer.concat(
      attributes.map(([name, value]) => {
        const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
        padded.writeUInt16BE(name, 0)
        padded.writeUInt16BE(value.length, 2)
        padded.set(value, 4)
        return padded
      }),
    )
    const header = Buffer.alloc(20)
    header.writeUInt16BE(kind, 0)
    header.writeUInt16BE(body.length, 2)
    header.writeUInt32BE(magicCookie, 4)
    header.set(randomBytes(12), 8)
    const answered = once(this.#socket, 'message', { signal: AbortSignal.timeout(5_000) })
    this.#socket.send(Buffer.concat([header, body]), this.#server.port, this.#server.host)
    const [answer] = (await answered) as [Buffer]
    if (answer.readUInt16BE(0) !== (kind | 0x0100)) throw new Error(`TURN answered ${answer.toString('hex')}`)
    const found = new Map<number, Buffer>()
    for (let at = 20; at + 4 <= answer.length;) {
      const length = answer.readUInt16BE(at + 2)
      found.set(answer.readUInt16BE(at), answer.subarray(at + 4, at + 4 + length))
      at += 4 + Math.ceil(length / 4) * 4
    }
    return found
  }
}

function writeAddress({ host, port }: UdpAddress): Buffer {
  const value = Buffer.alloc(8)
  value[1] = 1
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2)
  value.writeUInt32BE((Buffer.from(host.split('.').map(Number)).readUInt32BE(0) ^ magicCookie) >>> 0, 4)
  return value
}

function readAddress(value: Buffer | undefined): UdpAddress {
  if (value === undefined) throw new Error('TURN answered without an address')
  const host = Buffer.alloc(4)
  host.writeUInt32BE((value.readUInt32BE(4) ^ magicCookie) >>> 0)
  return { host: [...host].join('.'), port: value.readUInt16BE(2) ^ (magicCookie >>> 16) }
}
