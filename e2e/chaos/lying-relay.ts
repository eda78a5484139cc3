// A web server that says it is a relay, and lies in everything it says: another relay's identity at addresses where nothing is, a STUN server that does not
// answer, other relays that do not exist, room without end. `node lying-relay.ts <host> <port> <peer id of an honest relay>`; prints `ready`.
import { createServer } from 'node:http'

const [host = '127.0.0.1', port = '8080', honest = ''] = process.argv.slice(2)

/** Addresses for documentation: nobody answers there. */
const nowhere = Array.from({ length: 8 }, (_, index) => `192.0.2.${index + 1}`)

const lies = {
  version: 1,
  protocol: 'tsugi/1',
  peerId: honest,
  multiaddrs: nowhere.map(address => `/ip4/${address}/tcp/8080/ws/p2p/${honest}`),
  stun: nowhere.map(address => `stun:${address}:3478`),
  apps: 'any',
  limits: { relayPeers: 1e9 },
  load: { peers: 0, reservations: 0, circuits: 0, room: true },
  draining: false,
  region: 'everywhere',
  relays: nowhere.map(address => `http://${address}:8080`),
}

const server = createServer((request, response) => {
  response.setHeader('Access-Control-Allow-Origin', '*')
  if (request.url === '/.well-known/tsugi.json') {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(lies))
  } else response.writeHead(404).end()
})
// A socket that is taken and never spoken on.
server.on('upgrade', (_request, socket) => socket.on('error', () => {}))
server.listen(Number(port), host, () => {
  const address = server.address()
  process.stdout.write(`ready ${typeof address === 'object' ? address?.port : ''}\n`)
})
