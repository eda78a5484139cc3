import type { Connection, Stream } from '@libp2p/interface'

const signalingProtocol = '/webrtc-signaling/0.0.1'

/** How often a handshake is looked at. */
const pollMs = 200
/** So often in a row it must be found ended without a connection, or not begun. */
const maxMissing = 3
const maxUnseen = 10

/** A dialler that is ready says so within a round trip; one that does not is not waited for. */
const patienceMs = 3_000

/**
 * Waits until whoever dials us by WebRTC has finished its part of the handshake, which it tells by closing the signaling stream.
 *
 * The side that was dialled closes the handshake's channel as soon as it has a connection. When the dialler is slower, and still waits
 * for that channel to open or to close, it misses the event and waits in vain until its dial times out.
 *
 * @param connections - those to the dialler
 */
export async function untilSignaled(connections: readonly Connection[], signal: AbortSignal): Promise<void> {
  const streams = connections
    .flatMap(connection => connection.streams)
    .filter(({ protocol, direction }) => protocol === signalingProtocol && direction === 'inbound')
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  await Promise.all(streams.map(stream => untilClosed(stream, patience)))
}

/**
 * Follows a handshake that we began: answers `true` when the other end has given it up, and `false` when waiting ends. libp2p's dial
 * does not look, and would wait until it times out.
 *
 * @param sleep - answers `false` when there is no more to wait for
 */
export async function isAbandoned(
  connections: () => readonly Connection[],
  sleep: (delayMs: number) => Promise<boolean>,
): Promise<boolean> {
  let wasSeen = false
  for (let missing = 0; missing < (wasSeen ? maxMissing : maxUnseen); missing += 1) {
    if (!(await sleep(pollMs))) return false
    if (!connections().some(connection => connection.streams.some(isSignaling))) continue
    wasSeen = true
    missing = -1
  }
  return true
}

/** A stream that is being opened has no protocol yet. */
function isSignaling({ protocol, direction, status }: Stream): boolean {
  return direction === 'outbound' && status === 'open' && (protocol === signalingProtocol || protocol === '')
}

function untilClosed(stream: Stream, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const finish = (): void => {
      stream.removeEventListener('close', finish)
      stream.removeEventListener('remoteCloseWrite', finish)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    stream.addEventListener('close', finish)
    stream.addEventListener('remoteCloseWrite', finish)
    signal.addEventListener('abort', finish)
    if (stream.remoteWriteStatus !== 'writable' || stream.status !== 'open' || signal.aborted) finish()
  })
}
