import * as generated from './pb/app.ts'

/** The relay's answer to a peer that told its app. [N2] */
export type AppStatus = 'OK' | 'RESOURCE_LIMIT_EXCEEDED' | 'PERMISSION_DENIED' | 'MALFORMED_MESSAGE'

/** What travels on a stream of `/tsugi/app/1.0.0`: the peer's word, or the relay's answer. */
export interface AppMessage {
  app?: string
  status?: AppStatus | 'UNUSED'
}

/** Writes and reads it. `decode` throws on bytes that are none. */
export const appMessage: { encode(message: AppMessage): Uint8Array; decode(bytes: Uint8Array): AppMessage } =
  generated.AppMessage
