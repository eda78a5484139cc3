// A libp2p node that listens for WebTransport and whose calendar can be moved, in a process of its own because its native part may need a newer C library.
// Prints its addresses as a JSON line at the start and after each `rotate` on stdin; serves an empty page, since a browser has WebTransport only on a secure one.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webTransportListener } from '@tsugi/webtransport-listener'
import { createLibp2p } from 'libp2p'

/** Less than the 12 h by which a certificate is valid before its time, so that a browser with the real clock accepts the next one. */
const shiftMs = 11 * 3_600_000
const calendarMs = 60_000

let shiftedMs = 0
const waiting = new Map<symbol, () => void>()
/** Real time, but for the waits of the calendar. */
const timers = {
  now: () => Date.now() + shiftedMs,
  setTimeout(callback: () => void, delayMs: number): unknown {
    if (delayMs < calendarMs) return setTimeout(callback, delayMs)
    const id = Symbol('calendar')
    waiting.set(id, callback)
    return id
  },
  clearTimeout(id: unknown): void {
    if (typeof id === 'symbol') waiting.delete(id)
    else clearTimeout(id as NodeJS.Timeout)
  },
}

function shift(ms: number): void {
  shiftedMs += ms
  for (const [id, callback] of Array.from(waiting)) {
    waiting.delete(id)
    callback()
  }
}

async function start(): Promise<Libp2p> {
  return createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen: ['/ip4/127.0.0.1/udp/0/quic-v1/webtransport'] },
    transports: [webTransportListener({ timers })],
    connectionEncrypters: [noise()],
  })
}

/** A node whose certificate changes within the shift: one in thirty does. */
async function startBeforeChange(): Promise<Libp2p> {
  for (;;) {
    const node = await start()
    const before = String(node.getMultiaddrs()[0])
    shift(shiftMs)
    const isChanged = String(node.getMultiaddrs()[0]) !== before
    shift(-shiftMs)
    if (isChanged) return node
    await node.stop()
  }
}

const node = await startBeforeChange()
const page = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html>'))
await new Promise<void>(resolve => page.listen(0, '127.0.0.1', resolve))
const address = page.address()
const port = typeof address === 'object' && address !== null ? address.port : 0
const tell = (): boolean =>
  process.stdout.write(
    `${JSON.stringify({ page: `http://127.0.0.1:${port}`, address: String(node.getMultiaddrs()[0]) })}\n`,
  )
tell()
createInterface({ input: process.stdin })
  .on('line', () => {
    shift(shiftMs)
    tell()
  })
  .on('close', () => process.exit(0))
