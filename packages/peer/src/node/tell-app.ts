import type { Connection } from '@libp2p/interface'
import { type AppId, appProtocol, encodeAppMessage } from '@tsugi/protocol'

const timeoutMs = 5_000
/** A relay that is very busy may let the time pass. Untold, we would belong to the default app, and nobody of ours could be reached. */
const attempts = 3

/**
 * Tells whoever we have dialled which app we belong to, when it is a relay of Tsugi: circuits stand only within one app. Begun as soon as
 * the connection stands, so that the relay hears it before any request. Never throws: others do not speak this. [N1]
 */
export async function tellApp(connection: Connection, app: AppId): Promise<void> {
  if (connection.direction !== 'outbound' || !connection.direct) return
  if (connection.remoteAddr.getComponents().some(part => part.name === 'webrtc')) return
  for (let attempt = 0; attempt < attempts && connection.status === 'open'; attempt += 1) {
    try {
      await tellOnce(connection, app, AbortSignal.timeout(timeoutMs))
      return
    } catch (error) {
      // A stock relay.
      if ((error as Error).name === 'UnsupportedProtocolError') return
    }
  }
}

/** Resolves when the relay has answered, whatever it says. */
async function tellOnce(connection: Connection, app: AppId, signal: AbortSignal): Promise<void> {
  const stream = await connection.newStream(appProtocol, { signal })
  const answered = new Promise<void>((resolve, reject) => {
    stream.addEventListener('message', () => resolve())
    stream.addEventListener('close', () => reject(new Error('The relay did not answer.')))
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  answered.catch(() => stream.abort(new Error('no answer')))
  stream.send(encodeAppMessage(app))
  await Promise.all([answered, stream.close({ signal })])
}
