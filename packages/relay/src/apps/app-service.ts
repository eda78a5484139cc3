import {
  type Connection,
  type PeerId,
  type Startable,
  type Stream,
  type StreamHandler,
  type StreamHandlerOptions,
  serviceCapabilities,
} from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { appProtocol, parseAppId } from '@tsugi/protocol'

import type { Refusals } from '../refusals.ts'
import { type AppStatus, appMessage } from './app-message.ts'
import type { AppRegistry } from './app-registry.ts'

const maxMessageBytes = 1_024
/** A message that is too long is answered when it is not much longer; beyond this the stream is reset. */
const maxBufferBytes = 4_096
/** From the stream's beginning to its end. */
const timeoutMs = 5_000
/** Nobody needs a second; a peer that changes its app may open the next before the last is quite gone. */
const maxStreams = 2

/** What {@link createAppService} needs. */
export interface AppServiceOptions {
  readonly registry: AppRegistry
  readonly refusals: Refusals
  /** A peer belongs to another app from now on. */
  readonly onChanged: (peer: PeerId) => void
}

/** Hears which apps peers belong to. */
export interface AppService {
  /** The libp2p service, for `createLibp2p({ services })`. */
  readonly service: (components: AppComponents) => Startable
  /** Settles when a peer that is about to tell its app has done so; `undefined` when nothing is under way. [N4] */
  whenSettled(connection: Connection): Promise<void> | undefined
}

interface AppComponents {
  readonly registrar: {
    handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
}

/** Creates the service of `/tsugi/app/1.0.0`. */
export function createAppService({ registry, refusals, onChanged }: AppServiceOptions): AppService {
  const settled = new WeakMap<Stream, PromiseWithResolvers<void>>()
  const settledOf = (stream: Stream): PromiseWithResolvers<void> => {
    const known = settled.get(stream)
    if (known !== undefined) return known
    const made = Promise.withResolvers<void>()
    settled.set(stream, made)
    stream.addEventListener('close', () => made.resolve(), { once: true })
    return made
  }

  const tell = (peer: PeerId, text: string): AppStatus => {
    const app = parseAppId(text)
    if (!app.ok) {
      refusals.add('app/malformed', peer.toString())
      return 'MALFORMED_MESSAGE'
    }
    if (!registry.isServed(app.value)) {
      refusals.add('app/not-served', peer.toString())
      return 'PERMISSION_DENIED'
    }
    const outcome = registry.tell(peer.toString(), app.value)
    if (outcome === 'full') {
      refusals.add('app/full', peer.toString())
      return 'RESOURCE_LIMIT_EXCEEDED'
    }
    if (outcome === 'changed') onChanged(peer)
    return 'OK'
  }

  const onStream: StreamHandler = async (stream, connection) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const framed = lpStream(stream, { maxDataLength: maxMessageBytes, maxBufferSize: maxBufferBytes })
    const onTimeout = (): void => stream.abort(new Error('The app was not told in time.'))
    signal.addEventListener('abort', onTimeout)
    stream.addEventListener('close', () => signal.removeEventListener('abort', onTimeout), { once: true })
    try {
      let text = ''
      try {
        text = appMessage.decode((await framed.read({ signal })).subarray()).app ?? ''
      } catch (error) {
        if (signal.aborted || stream.status !== 'open') throw error
      }
      // Who has left meanwhile would be remembered for good.
      if (connection.status !== 'open') return
      const status = tell(connection.remotePeer, text)
      settledOf(stream).resolve()
      await framed.write(appMessage.encode({ status }), { signal })
      await stream.close({ signal })
    } catch (error) {
      if (signal.aborted) refusals.add('app/timeout', connection.remotePeer.toString())
      stream.abort(error as Error)
    } finally {
      settledOf(stream).resolve()
    }
  }

  return {
    service: ({ registrar }) =>
      Object.assign(
        {
          start: () =>
            registrar.handle(appProtocol, onStream, { maxInboundStreams: maxStreams, maxOutboundStreams: 0 }),
          stop: () => registrar.unhandle(appProtocol),
        },
        { [serviceCapabilities]: ['@tsugi/app'] },
      ),
    whenSettled(connection) {
      const stream = connection.streams.find(each => each.protocol === appProtocol && each.status === 'open')
      return stream === undefined ? undefined : settledOf(stream).promise
    },
  }
}
