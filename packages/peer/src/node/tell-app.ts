import type { Connection } from '@libp2p/interface'
import { type AppId, appProtocol, encodeAppMessage } from '@tsugi/protocol'

const timeoutMs = 5_000

/**
 * Tells whoever we have dialled which app we belong to, when it is a relay of Tsugi: circuits stand only within one app. Begun as soon as
 * the connection stands, so that the relay hears it before any request. Never throws: others do not speak this. [N1]
 */
export async function tellApp(connection: Connection, app: AppId): Promise<void> {
  if (connection.direction !== 'outbound' || !connection.direct) return
  if (connection.remoteAddr.getComponents().some(part => part.name === 'webrtc')) return
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const stream = await connection.newStream(appProtocol, { signal })
    // The answer is for those who want to know; unread, it would keep the stream open.
    stream.addEventListener('message', () => {})
    stream.send(encodeAppMessage(app))
    await stream.close({ signal })
  } catch {
    // A stock relay, or a connection that is gone.
  }
}
