import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { nodeOnNewerLibc } from '../../../scripts/newer-libc.mjs'
import { RelayProcess } from '../../harness/relay-process.ts'
import { ForeignNode } from '../foreign-node.ts'
import { type Implementation, stock } from '../implementation.ts'
import { Gap, Skipped, Table, must, mustEqual } from '../matrix.ts'
import type { Echoed, Reserved } from '../node.ts'
import type { Built } from '../toolchains.ts'

const dials = 'it dials our relay, and reserves'
const circuits = 'it calls a peer on WebSocket through our relay'
const olderDials =
  'an older one dials our relay, reserves, calls a peer on WebSocket, and sends 200,000 bytes there and back'
const dialled = 'our dialler reaches its relay, reserves, and sends 200,000 bytes there and back'
const dialler = fileURLToPath(new URL('../dial-webtransport.ts', import.meta.url))
const echo = { returned: 200_000, isCorrect: true, isWhole: true }

/** What go's dialler asks of every server (webtransport-go 0.13), and quinn, which our listener stands on, does not have. */
const missing = 'stream reset partial delivery'
const reason = 'go asks for QUIC’s RESET_STREAM_AT, which quinn does not have; browsers do not ask'

/** Read in the sources of webtransport-go and web-transport-quinn; seen with go-libp2p 0.33.2 on webtransport-go 0.7.0, 0.46.0 and 0.51.0. */
const note = `Which go-libp2p can dial our listener is decided by its webtransport-go. The native part of our listener lets a client in when the client’s SETTINGS say that it speaks WebTransport, in the form of the
earlier drafts (\`0x2b603742\`, \`0xc671706a\`; browsers say so), and closes the connection without a word when they do not. webtransport-go 0.5 and 0.6 (go-libp2p 0.26 to 0.33) say nothing there, nor do 0.8 to 0.10
(0.34 to 0.48): their dial ends with “context deadline exceeded”. 0.7.0 alone says it; no go-libp2p asked for that one, but 0.33.2 runs on it, and then everything works. 0.11 (0.49) says it in the newest form only
(\`0x2c7cf000\`), and wants the server to say it so. 0.13 (0.50, 0.51) wants RESET_STREAM_AT before that. rust-libp2p dials WebTransport in browsers only (libp2p-webtransport-websys, for WebAssembly).`

/**
 * WebTransport, which of the others go alone speaks outside of browsers.
 *
 * @param older - the program of a go-libp2p whose dialler our listener understands
 */
export async function tryWebTransport(implementations: readonly Implementation[], older: Built): Promise<Table> {
  const table = new Table('WebTransport', ['go'], note)
  const go = implementations.find(({ name }) => name === 'go')?.program
  const found = nodeOnNewerLibc()
  if (go === undefined || 'reason' in found) {
    const reason = 'reason' in found ? found.reason : 'there is no Go here'
    for (const row of [dials, circuits, olderDials, dialled])
      await table.try(row, 'go', async () => new Skipped(reason))
    return table
  }
  const relay = await RelayProcess.startAt(
    { host: '127.0.0.1', address: '127.0.0.1', command: (_, args) => [found.node, [...args]] },
    '--webtransport-port',
    '0',
  )
  try {
    const address = relay.ready.multiaddrs.find(each => each.includes('/webtransport'))
    must(address !== undefined, `our relay does not listen on WebTransport: ${relay.log}`)
    await using target = await stock.start()
    await target.reserve(`/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.ready.peerId}`)
    await using node = await ForeignNode.start(go)
    const gap = await node.dial(address!).then(
      () => undefined,
      (error: Error) => (error.message.includes(missing) ? new Gap(reason) : undefined),
    )
    await table.try(dials, 'go', async () => {
      if (gap !== undefined) return gap
      const { voucher } = await node.reserve(address!)
      mustEqual('the voucher’s peer', voucher?.peer, node.peer)
    })
    await table.try(circuits, 'go', async () => {
      if (gap !== undefined) return gap
      await node.connect(`${address}/p2p-circuit/p2p/${target.peer}`)
      const { returned, isCorrect, isWhole } = await node.echo(target.peer, echo.returned)
      mustEqual('the echo', { returned, isCorrect, isWhole }, echo)
    })
    await table.try(olderDials, 'go', async () => {
      if ('reason' in older) return new Skipped(older.reason)
      const words = [address!, target.peer, String(echo.returned)]
      const { stdout } = await promisify(execFile)(older.program, words, { timeout: 60_000 })
      const { peer, voucherPeer, ...told } = JSON.parse(stdout) as { peer: string; voucherPeer: string }
      mustEqual('the voucher’s peer', voucherPeer, peer)
      mustEqual('the echo', told, { returned: echo.returned, isCorrect: true })
      return older.versions.replace(/, go[\d.]+$/, '').replace(',', ' with')
    })
  } finally {
    await relay.dispose()
  }
  await table.try(dialled, 'go', async () => {
    await using far = await ForeignNode.start(go, {
      listen: ['/ip4/127.0.0.1/udp/0/quic-v1/webtransport'],
      relay: { reservationSeconds: 600, maxReservations: 4, maxCircuits: 4, limit: null },
    })
    const to = far.addresses.find(each => each.includes('/certhash/'))
    must(to !== undefined, `go listens on ${far.addresses.join(', ')}`)
    const { stdout } = await promisify(execFile)(found.node, ['--no-warnings', dialler, to!], { timeout: 60_000 })
    const told = JSON.parse(stdout) as { peer: string; voucher?: Reserved['voucher']; echo: Echoed }
    mustEqual('the voucher’s peer', told.voucher?.peer, told.peer)
    mustEqual('the echo', told.echo, echo)
  })
  return table
}
