import { type Notice } from './notice.ts'

/** What a session tells. */
export type SessionEvent =
  /** The view is another. */
  | { readonly type: 'changed' }
  /** Something just happened. */
  | { readonly type: 'notice'; readonly notice: Notice }
  /** A peer's message or record was refused and counted. */
  | { readonly type: 'refused'; readonly from: string; readonly code: string; readonly detail: string | undefined }
  /** Records could not be stored; nothing more is sent until the session is opened anew. */
  | { readonly type: 'failed'; readonly cause: unknown }
  /** The session has ended. */
  | { readonly type: 'stopped' }

/** Events that a slow listener must still get: those about records. Everything else may be dropped, oldest first. */
export function mayDropEvent(event: SessionEvent): boolean {
  return (
    event.type === 'changed' ||
    event.type === 'refused' ||
    (event.type === 'notice' && event.notice.type === 'presence')
  )
}
