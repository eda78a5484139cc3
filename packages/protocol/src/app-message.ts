import type { AppId } from './ids.ts'

/** The protocol in which a peer tells a relay its app. [N1] */
export const appProtocol = '/tsugi/app/1.0.0'

/**
 * The message with its length before it: protobuf's field 1, text. An app id is so short that each length takes one byte. [N2]
 *
 * @returns the bytes to send on a stream of {@link appProtocol}
 */
export function encodeAppMessage(app: AppId): Uint8Array {
  const text = Array.from(app, letter => letter.charCodeAt(0))
  return Uint8Array.of(text.length + 2, 0x0a, text.length, ...text)
}
