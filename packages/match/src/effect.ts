import { type MatchMessage } from '@tsugi/protocol'

import { type Notice } from './notice.ts'

/** What a step asks of the world, in the order in which it must be done: records are stored before they are published. */
export type Effect =
  /** Keep these records' bytes; only when they are safe, go on with the effects that follow. */
  | { readonly type: 'store'; readonly records: readonly Uint8Array[] }
  /** Seal this and publish it on the match's topic. */
  | { readonly type: 'publish'; readonly message: MatchMessage }
  /** Seal these own records one by one, and give them to whoever keeps them for players who are not there. */
  | { readonly type: 'keep'; readonly records: readonly Uint8Array[] }
  /** Something was refused and counted. */
  | { readonly type: 'refused'; readonly from: string; readonly code: string; readonly detail: string | undefined }
  | { readonly type: 'notice'; readonly notice: Notice }
  /** The view is another. */
  | { readonly type: 'changed' }
