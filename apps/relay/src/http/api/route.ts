import type { Problem } from './problem.ts'

/** What a handler is given: everything about the request that has been checked already. */
interface ApiRequest {
  /** The `:name` parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The parsed JSON of a POST; `undefined` otherwise. */
  readonly body: unknown
}

/** What a handler answers: 200 or 201 with JSON, 200 with a text to keep as a file, 204 with nothing, or a problem. */
export type ApiAnswer =
  | { readonly status: 200 | 201; readonly body: unknown }
  | { readonly status: 200; readonly text: string; readonly type: string; readonly fileName: string }
  | { readonly status: 204 }
  | { readonly problem: Problem }

/** One method on one path. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below `/api/v1`, such as `/circuits/:id`. */
  readonly path: string
  /** Whether its handler reads the query; else there must be none. */
  readonly takesQuery?: true
  /** One line for the documentation. */
  readonly summary: string
  readonly handle: (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>
}

/** Reads a path against a pattern; `undefined` when it is another one. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const parts = path.split('/')
  if (wanted.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, name] of wanted.entries()) {
    const part = parts[index] ?? ''
    if (!name.startsWith(':')) {
      if (name !== part) return undefined
      continue
    }
    try {
      params[name.slice(1)] = decodeURIComponent(part)
    } catch {
      return undefined
    }
  }
  return params
}
