import type { ReceivePort, SendPort, SessionPort, StreamPairPort } from '../session/session-port.ts'

/** The part of W3C WebTransport that is used; types for it are not in every TypeScript library. */
export interface WebTransportLike {
  readonly ready: Promise<unknown>
  readonly closed: Promise<{ readonly closeCode?: number; readonly reason?: string } | undefined>
  readonly incomingBidirectionalStreams: ReadableStream<WebStreamPair>
  createBidirectionalStream(): Promise<WebStreamPair>
  close(info?: { closeCode?: number; reason?: string }): void
}

interface WebStreamPair {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/** A browser's session as this package's. */
export function webSession(web: WebTransportLike): SessionPort {
  const incoming = web.incomingBidirectionalStreams.getReader()
  return {
    async acceptBi() {
      const { value, done } = await incoming.read()
      if (done) throw new Error('session closed')
      return webStreams(value)
    },
    openBi: async () => webStreams(await web.createBidirectionalStream()),
    sendDatagram() {
      // A browser's side asks nobody for a sign of life; the listener does.
    },
    close: (closeCode, reason) => web.close({ closeCode, reason }),
    closed: () =>
      web.closed.then(
        info => ({ closeCode: info?.closeCode ?? 0, reason: info?.reason ?? '' }),
        (error: unknown) => ({ closeCode: 0, reason: String(error) }),
      ),
  }
}

function webStreams({ readable, writable }: WebStreamPair): StreamPairPort {
  return { takeSend: () => webSend(writable.getWriter()), takeRecv: () => webReceive(readable.getReader()) }
}

function webSend(writer: WritableStreamDefaultWriter<Uint8Array>): SendPort {
  // Rejections are told where somebody waits.
  writer.closed.catch(() => {})
  return {
    async write(data) {
      await writer.ready
      await writer.write(data)
    },
    finish: () => writer.close(),
    reset: () => writer.abort(),
  }
}

function webReceive(reader: ReadableStreamDefaultReader<Uint8Array>): ReceivePort {
  reader.closed.catch(() => {})
  return {
    async read() {
      const { value, done } = await reader.read()
      return done ? null : value
    },
    stop: () => reader.cancel(),
  }
}
