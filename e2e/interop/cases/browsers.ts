import { systemBrowser } from '../../../scripts/browsers.mjs'
import type { BrowserName } from '../../harness/browsers.ts'
import { hasOtherAddress } from '../../harness/quic-relay.ts'
import { BrowserPeer, PeerPage } from '../browser/browser-peer.ts'
import { ForeignNode } from '../foreign-node.ts'
import { Gap, Skipped, Table, must, until } from '../matrix.ts'

const browsers = ['chromium', 'firefox'] as const
const rows = {
  reserve: 'two of them reach its relay by WebTransport alone, and reserve',
  talk: 'they talk on a topic, over circuits of that relay',
  direct: 'two that may use WebRTC move to a direct line',
  mixed: 'one talks with another that came by WebSocket',
} as const

/** Our peers in real browsers, at go's relay. */
export async function tryBrowsers(go: string): Promise<Table> {
  const table = new Table('Go’s relay over WebTransport, our peers in browsers', browsers)
  await using page = await PeerPage.serve()
  for (const browser of browsers) {
    if (systemBrowser(browser) === undefined) {
      for (const row of Object.values(rows)) await table.try(row, browser, async () => new Skipped('it is not here'))
    } else await tryBrowser(table, browser, go, page.url)
  }
  return table
}

async function tryBrowser(table: Table, browser: BrowserName, go: string, page: string): Promise<void> {
  await using relay = await ForeignNode.start(go, {
    listen: ['/ip4/127.0.0.1/udp/0/quic-v1/webtransport', '/ip4/127.0.0.1/tcp/0/ws'],
    relay: { reservationSeconds: 60, maxReservations: 16, maxCircuits: 16, limit: null },
  })
  const address = relay.addresses.find(each => each.includes('/certhash/'))
  const webSocket = relay.addresses.find(each => each.includes('/ws'))
  must(address !== undefined && webSocket !== undefined, `go listens on ${relay.addresses.join(', ')}`)
  const circuit = `${webSocket}/p2p-circuit`
  const start = (name: BrowserName, relay = address!, webrtc = false): Promise<BrowserPeer> =>
    BrowserPeer.start(name, page, relay, webrtc)
  {
    await using a = await start(browser)
    await using b = await start(browser)
    await table.try(rows.reserve, browser, () => reserved([a, b]))
    await table.try(rows.talk, browser, async () => {
      await meet(a, b, [`${address}/p2p-circuit`])
      await talk(a, b)
      must((await a.do('kind', b.id)) === 'relayed', 'the line is not relayed')
    })
    await table.try(rows.mixed, browser, async () => {
      await using c = await start('chromium', webSocket)
      await reserved([c])
      await meet(c, a, [circuit])
      await talk(a, c)
    })
  }
  await table.try(rows.direct, browser, async () => {
    if (browser === 'firefox' && !hasOtherAddress)
      return new Skipped('it leaves loopback out of ICE, and there is no other address')
    await using a = await start(browser, address, true)
    await using b = await start(browser, address, true)
    const missing = await reserved([a, b])
    if (missing !== undefined) return missing
    await meet(a, b, [`${address}/p2p-circuit`, `${address}/p2p-circuit/webrtc`])
    await until('direct', async () => (await a.do('kind', b.id)) === 'direct')
    await talk(a, b)
    return undefined
  })
}

/** What Firefox 153 says of a stream with data to read, once the far end has sent STOP_SENDING for the other direction. */
const lostAnswer = 'Error in input stream'
const gap =
  'go closes both directions with its answer, and Firefox drops what it has not handed out when it sees STOP_SENDING'

async function reserved(peers: readonly BrowserPeer[]): Promise<Gap | undefined> {
  for (const peer of peers) {
    let told = await peer.do('relay')
    try {
      await until('reserved', async () => {
        told = await peer.do('relay')
        return told?.state === 'reserved' || told?.reason === lostAnswer
      })
    } catch (error) {
      throw new Error(`${JSON.stringify(told)}; ${peer.complaints}`, { cause: error })
    }
    if (told?.state !== 'reserved') return new Gap(gap)
  }
  return undefined
}

async function meet(a: BrowserPeer, b: BrowserPeer, addresses: readonly string[]): Promise<void> {
  for (const each of [a, b]) await each.do('join', 'game')
  await a.do('open', b.id, addresses)
}

/** Each says something until the other has heard it: a topic's mesh takes a moment to form. */
async function talk(a: BrowserPeer, b: BrowserPeer): Promise<void> {
  await until('both heard', async () => {
    for (const each of [a, b]) await each.do('publish', each.id)
    return (await a.do('heard')).includes(b.id) && (await b.do('heard')).includes(a.id)
  })
}
