import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { percentile } from '../figures.ts'
import { TurnClient, type UdpAddress } from './turn-client.ts'

const bulkBytes = 1_200
const smallBytes = 200
/** Packets under way at once; UDP would lose what is more. */
const window = 64

/** coturn in figures, as Markdown, or why not. */
export async function measureTurn(amounts: { readonly messages: number; readonly pings: number }): Promise<string> {
  if (!hasTurnServer()) return 'coturn: left out, `turnserver` is not installed (Debian: `apt-get install coturn`).'
  const server = { host: '127.0.0.1', port: await freePort() }
  const folder = await mkdtemp(join(tmpdir(), 'tsugi-coturn-'))
  const child = startTurnServer(server, folder)
  const exited = once(child, 'exit')
  try {
    const client = await whenUp(server)
    const peer = await UdpEcho.open()
    await client.bind(peer.address)
    const cost = async (pieceBytes: number, count: number): Promise<{ cpuSeconds: number; arrived: number }> => {
      const before = await cpuSeconds(child)
      const arrived = await transfer(client, peer, pieceBytes, count)
      return { cpuSeconds: (await cpuSeconds(child)) - before, arrived }
    }
    await cost(bulkBytes, amounts.messages / 4)
    const bulk = await cost(bulkBytes, amounts.messages)
    const small = await cost(smallBytes, amounts.messages)
    const times = await roundTrips(client, peer, amounts.pings)
    client.close()
    peer.close()
    return [
      '| coturn beside it: one allocation, UDP, no encryption of its own | |',
      '| --- | --- |',
      `| CPU, s per GB (packets of ${bulkBytes} B) | ${(bulk.cpuSeconds / ((bulk.arrived * bulkBytes) / 1e9)).toFixed(2)} |`,
      `| CPU, s per million messages of ${smallBytes} B | ${(small.cpuSeconds / (small.arrived / 1e6)).toFixed(1)} |`,
      `| round trip idle, p50, p99, ms | ${percentile(times, 0.5).toFixed(2)}, ${percentile(times, 0.99).toFixed(2)} |`,
    ].join('\n')
  } finally {
    child.kill('SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
}

/** The far end: counts, and sends back what it is told to. */
class UdpEcho {
  readonly #socket: Socket
  arrived = 0
  isEchoing = false
  onData: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (data, from) => {
      this.arrived += 1
      if (this.isEchoing) socket.send(data, from.port, from.address)
      this.onData()
    })
  }

  static async open(): Promise<UdpEcho> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 2 ** 20 })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new UdpEcho(socket)
  }

  get address(): UdpAddress {
    return { host: '127.0.0.1', port: this.#socket.address().port }
  }

  close(): void {
    this.#socket.close()
  }
}

function hasTurnServer(): boolean {
  try {
    execFileSync('turnserver', ['--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

function startTurnServer({ host, port }: UdpAddress, folder: string): ChildProcess {
  const flags =
    '-n --no-auth --no-tls --no-dtls --no-cli --allow-loopback-peers --log-file stdout --realm bench' +
    ` --listening-ip ${host} --relay-ip ${host} --listening-port ${port} --pidfile pid --userdb users`
  return spawn('turnserver', flags.split(' '), { stdio: 'ignore', cwd: folder })
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

/** It is up when it answers. */
async function whenUp(server: UdpAddress): Promise<TurnClient> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await TurnClient.allocate(server)
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

/** CPU time of a process and its threads, from the kernel's account in hundredths of a second. */
async function cpuSeconds(child: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Sends with a window; answers how many arrived. */
async function transfer(client: TurnClient, peer: UdpEcho, pieceBytes: number, count: number): Promise<number> {
  const piece = new Uint8Array(pieceBytes)
  const start = peer.arrived
  let wake: () => void = () => {}
  peer.onData = () => wake()
  for (let sent = 0, lost = 0; sent < count;) {
    if (sent - lost - (peer.arrived - start) < window) {
      client.send(piece)
      sent += 1
      continue
    }
    const before = peer.arrived
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, 200)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    // Nothing came: what was under way is gone.
    if (peer.arrived === before) lost = sent - (peer.arrived - start)
  }
  await new Promise(resolve => setTimeout(resolve, 200))
  return peer.arrived - start
}

async function roundTrips(client: TurnClient, peer: UdpEcho, pings: number): Promise<number[]> {
  peer.isEchoing = true
  const times: number[] = []
  const piece = new Uint8Array(smallBytes)
  for (let turn = 0; turn < pings; turn += 1) {
    const startedAt = performance.now()
    const answered = new Promise<void>(resolve => {
      client.onData = () => resolve()
    })
    client.send(piece)
    await answered
    times.push(performance.now() - startedAt)
  }
  peer.isEchoing = false
  return times
}
