import type { BanKind } from '../api/answers.ts'

/** What a ban may be of, and how an operator reads it. */
export const banKinds = [
  ['peer', 'Peer id'],
  ['address', 'IP address'],
  ['prefix', 'Network'],
] as const satisfies ReadonlyArray<readonly [BanKind, string]>
