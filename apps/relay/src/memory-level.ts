/** From this share of the limit on, `/health` says `warn`. */
const warnShare = 0.8

/** The `memory` block of `/health`. */
export interface MemoryBlock {
  readonly rss_bytes: number
  readonly limit_bytes: number | null
  readonly level: 'normal' | 'warn'
}

/** @param limitBytes - `Infinity` for none, which JSON writes as `null` */
export function memoryBlock(rssBytes: number, limitBytes: number): MemoryBlock {
  return {
    rss_bytes: rssBytes,
    limit_bytes: Number.isFinite(limitBytes) ? limitBytes : null,
    level: rssBytes >= limitBytes * warnShare ? 'warn' : 'normal',
  }
}
