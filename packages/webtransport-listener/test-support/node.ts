import { createRequire } from 'node:module'

import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, ConnectionGater, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { createLibp2p } from 'libp2p'

import { tryToLoad } from '../src/native/binding.ts'
import { type WebTransportInit, webTransportListener } from '../src/transport.ts'
import { WebTransportError } from '../src/webtransport-error.ts'

const found = tryToLoad(process.platform, process.arch, createRequire(import.meta.url))

/** Why the tests with real QUIC cannot run here; `undefined` where they can. */
export const unavailable = found instanceof WebTransportError ? found.message : undefined
if (unavailable !== undefined) {
  process.stderr.write(`Skipping the tests with real QUIC: ${unavailable} See scripts/newer-libc.mjs.\n`)
}

export const echoProtocol = '/echo/1'
export const sinkProtocol = '/never-reads/1'

/** What a node of a test is made of. */
export interface NodeOptions extends WebTransportInit {
  readonly listen?: readonly string[]
  readonly announce?: readonly string[]
  readonly privateKey?: PrivateKey
  readonly gater?: ConnectionGater
}

/** A libp2p node with this transport alone; it echoes, and takes streams that it never reads. */
export async function startNode(options: NodeOptions = {}): Promise<Libp2p> {
  const { listen = [], announce = [], privateKey, gater, ...init } = options
  const node = await createLibp2p({
    privateKey: privateKey ?? (await generateKeyPair('Ed25519')),
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [webTransportListener(init)],
    connectionEncrypters: [noise()],
    connectionGater: { denyDialMultiaddr: () => false, ...gater },
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
  })
  await node.handle(echoProtocol, echo, { maxInboundStreams: 1_000 })
  await node.handle(
    sinkProtocol,
    stream => {
      stream.pause()
    },
    { maxInboundStreams: 1_000 },
  )
  return node
}

/** Starts a listener on loopback. */
export function startListener(options: NodeOptions = {}): Promise<Libp2p> {
  return startNode({ listen: ['/ip4/127.0.0.1/udp/0/quic-v1/webtransport'], ...options })
}

/** Resolves when a full stream takes more, or ends. (`onDrain` of @libp2p/utils 7.4 waits only the first time.) */
export function drained(stream: Stream): Promise<void> {
  return new Promise(resolve => {
    const onEnd = (): void => {
      stream.removeEventListener('drain', onEnd)
      stream.removeEventListener('close', onEnd)
      resolve()
    }
    stream.addEventListener('drain', onEnd)
    stream.addEventListener('close', onEnd)
  })
}

function echo(stream: Stream): void {
  stream.addEventListener('message', ({ data }) => {
    if (stream.send(data)) return
    stream.pause()
    void drained(stream).then(() => stream.resume())
  })
  stream.addEventListener('remoteCloseWrite', () => void stream.close().catch(() => {}))
}

/** Sends, closes, and answers with what came back until the far end closed. */
export async function exchange(connection: Connection, data: Uint8Array, pieceBytes = 65_536): Promise<Buffer> {
  const stream = await connection.newStream(echoProtocol)
  const parts: Uint8Array[] = []
  const ended = new Promise<void>((resolve, reject) => {
    stream.addEventListener('remoteCloseWrite', () => resolve())
    stream.addEventListener('close', event => {
      if (event.error) reject(event.error)
      else resolve()
    })
  })
  stream.addEventListener('message', event => parts.push(event.data.subarray()))
  for (let at = 0; at < data.byteLength; at += pieceBytes) {
    if (!stream.send(data.subarray(at, at + pieceBytes))) await drained(stream)
  }
  await stream.close()
  await ended
  return Buffer.concat(parts)
}

/** Waits until something holds; fails after 20 s. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`It never came about that ${what}.`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
