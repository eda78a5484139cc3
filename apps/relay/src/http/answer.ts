import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers with JSON. */
export function answerJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  answer(
    request,
    response,
    status,
    { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    JSON.stringify(value),
  )
}

/** Answers with a body, or without it where the request only wants the headers. */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/**
 * Answers with an error: problem details (RFC 9457) where an API client asks, plain text where a person does.
 *
 * @param detail - one sentence
 */
export function answerProblem(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  title: string,
  detail: string,
  headers: Record<string, string> = {},
): void {
  if (!wantsJson(request)) {
    answer(
      request,
      response,
      status,
      { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...headers },
      `${title}. ${detail}\n`,
    )
    return
  }
  const problem = { type: 'about:blank', title, status, detail }
  answer(
    request,
    response,
    status,
    { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
    JSON.stringify(problem),
  )
}

function wantsJson(request: IncomingMessage): boolean {
  const accept = request.headers.accept ?? ''
  return (
    /\bjson\b/.test(accept) ||
    /\bjson\b/.test(request.headers['content-type'] ?? '') ||
    (request.url ?? '').startsWith('/api')
  )
}
