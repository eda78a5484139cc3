// A process that sends back what it gets, by TCP: what a round trip costs on this machine without any relay.
import { type AddressInfo, createServer } from 'node:net'

const server = createServer({ noDelay: true }, socket => {
  socket.on('error', () => socket.destroy())
  socket.pipe(socket)
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
