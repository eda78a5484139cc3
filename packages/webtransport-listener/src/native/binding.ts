import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'

import type { SessionPort } from '../session/session-port.ts'
import { WebTransportError } from '../webtransport-error.ts'

/** The native module: WebTransport over QUIC by quinn, from the project @moq/web-transport. Each call runs on its own threads. */
export interface Binding {
  readonly NapiServer: {
    /** @param address - `host:port`; the port cannot be asked for afterwards, so `0` is of no use */
    bind(address: string, certificatePem: Buffer, keyPem: Buffer): NativeServer
  }
  readonly NapiClient: {
    withCertificateHashes(sha256: Buffer[]): NativeClient
  }
}

/** An endpoint that takes sessions. */
export interface NativeServer {
  /** The next CONNECT request; connections that fail before it are passed over in silence. */
  accept(): Promise<NativeRequest | null>
  /** Lets nobody else in; sessions go on. Waits, blocking this thread, for an `accept` that is under way. */
  close(): void
}

/** A CONNECT request that waits for its answer. */
export interface NativeRequest {
  readonly url: Promise<string>
  ok(): Promise<SessionPort>
  reject(status: number): Promise<void>
}

/** A way to connect. */
interface NativeClient {
  connect(url: string): Promise<SessionPort>
}

let loaded: Binding | WebTransportError | undefined

/**
 * Loads the native part for this machine.
 *
 * @throws WebTransportError `webtransport/unavailable`, with one sentence that tells an operator why
 */
export function loadBinding(): Binding {
  loaded ??= tryToLoad(platform(), arch(), createRequire(import.meta.url))
  if (loaded instanceof WebTransportError) throw loaded
  return loaded
}

/** The loading itself, for machines other than this one. */
export function tryToLoad(
  system: string,
  processor: string,
  load: (name: string) => unknown,
): Binding | WebTransportError {
  const name = packageNames[`${system}-${processor}`]
  if (name === undefined) return unavailable(`there is no native part for ${system} on ${processor}`)
  try {
    return load(name) as Binding
  } catch (cause) {
    return unavailable(reasonOf(cause, name), cause)
  }
}

const packageNames: Readonly<Record<string, string>> = {
  'darwin-arm64': '@moq/web-transport-darwin-arm64',
  'darwin-x64': '@moq/web-transport-darwin-x64',
  'linux-arm64': '@moq/web-transport-linux-arm64-gnu',
  'linux-x64': '@moq/web-transport-linux-x64-gnu',
  'win32-x64': '@moq/web-transport-win32-x64-msvc',
}

function reasonOf(cause: unknown, name: string): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  const wanted = /GLIBC_(\d+\.\d+)/.exec(message)?.[1]
  if (wanted !== undefined) return `its native part needs glibc ${wanted} or newer, and this system has an older one`
  if ((cause as { code?: unknown }).code === 'MODULE_NOT_FOUND') return `its native part ${name} is not installed`
  return `its native part ${name} does not load: ${message.split('\n', 1)[0]}`
}

function unavailable(reason: string, cause?: unknown): WebTransportError {
  return new WebTransportError(
    'webtransport/unavailable',
    `WebTransport is not available on this machine: ${reason}.`,
    cause,
  )
}
