import type { IncomingMessage } from 'node:http'

/** A body, or why there is none. */
export type Body =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: 'body/too-large' | 'body/cut-off' }

/** Reads a body of text; one that is larger is dropped as it comes. The server's request time-out ends those who send nothing. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  return new Promise(resolve => {
    const parts: Buffer[] = []
    let bytes = 0
    const finish = (body: Body): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      // Destroying it would take the answer with it.
      request.resume()
      resolve(body)
    }
    const onData = (part: Buffer): void => {
      bytes += part.byteLength
      if (bytes > maxBytes) finish({ ok: false, code: 'body/too-large' })
      else parts.push(part)
    }
    const onEnd = (): void => finish({ ok: true, text: Buffer.concat(parts).toString('utf8') })
    const onClose = (): void => finish({ ok: false, code: 'body/cut-off' })
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) finish({ ok: false, code: 'body/too-large' })
    else request.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}
