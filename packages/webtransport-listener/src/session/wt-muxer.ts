import type { CreateStreamOptions, MultiaddrConnection, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { AbstractStreamMuxer } from '@libp2p/utils'

import type { Session } from './session.ts'
import { WtStream } from './wt-stream.ts'

/** What {@link sessionMuxer} needs. */
export interface SessionMuxerOptions {
  readonly session: Session
  /** The far end's streams at once; one more is reset. */
  readonly maxStreams: number
  readonly onRefused: () => void
}

const protocol = '/webtransport'
const resetCode = 0

class WtMuxer extends AbstractStreamMuxer<WtStream> {
  readonly #options: SessionMuxerOptions
  #nextId = 0

  constructor(connection: MultiaddrConnection, options: SessionMuxerOptions) {
    super(connection, { protocol, name: 'muxer', maxEarlyStreams: options.maxStreams })
    this.#options = options
    this.#accept().catch(() => {})
  }

  override async onCreateStream(options: CreateStreamOptions): Promise<WtStream> {
    options.signal?.throwIfAborted()
    const pair = await this.#options.session.openStream()
    const stream = this.#stream(pair, 'outbound', options)
    if (options.signal?.aborted === true) {
      stream.abort(options.signal.reason as Error)
      options.signal.throwIfAborted()
    }
    return stream
  }

  override onData(): void {
    // Streams are the session's; nothing arrives beside them.
  }

  async #accept(): Promise<void> {
    const { session, maxStreams, onRefused } = this.#options
    while (session.isOpen && this.status === 'open') {
      const pair = await session.acceptStream()
      if (this.streams.length < maxStreams) {
        this.onRemoteStream(this.#stream(pair, 'inbound', this.streamOptions ?? {}))
        continue
      }
      onRefused()
      void session.track(pair.takeSend().reset(resetCode))
      void session.track(pair.takeRecv().stop(resetCode))
    }
  }

  #stream(
    pair: ConstructorParameters<typeof WtStream>[0]['pair'],
    direction: 'inbound' | 'outbound',
    options: object,
  ): WtStream {
    const id = `${this.#nextId}`
    this.#nextId += 1
    const log = this.log.newScope(`${direction}:${id}`)
    return new WtStream({ ...options, pair, session: this.#options.session, id, direction, log, protocol: '' })
  }
}

/** Streams of a session as a libp2p muxer: WebTransport has streams of its own. */
export function sessionMuxer(options: SessionMuxerOptions): StreamMuxerFactory {
  return {
    protocol,
    createStreamMuxer: (connection): StreamMuxer => new WtMuxer(connection as MultiaddrConnection, options),
  }
}
