// Our WebTransport dialler, as a program of its own: its native part needs a newer C library than the runner may have. Dials a relay, reserves
// there, and tells what came of it on stdout.
import { webTransportListener } from '@tsugi/webtransport-listener'

import { StockNode } from './stock-node.ts'

const [relay] = process.argv.slice(2)
if (relay === undefined) throw new Error('It wants a relay’s address.')
const node = await StockNode.start([webTransportListener()])
const { voucher } = await node.reserve(relay)
const { returned, isCorrect, isWhole } = await node.echo(relay.slice(relay.lastIndexOf('/') + 1), 200_000)
console.log(JSON.stringify({ peer: node.peer, voucher, echo: { returned, isCorrect, isWhole } }))
// Nothing more is asked of it, and the timer of its slot would hold the process for minutes.
process.exit(0)
