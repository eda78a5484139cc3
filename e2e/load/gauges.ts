/**
 * Gauges that tell of the process and its past, and not of who is there. What the relay knows of itself grows a little when the first real peer has
 * identified it, so of the peer store the entries are watched and not the bytes.
 */
const ofThePast =
  /^(nodejs_|process_|tsugi_(uptime|event_loop|load_ratio|info|record|archive|rss|memory|store|history|bans|cpu|peer_store_bytes))/

/** A relay's gauges as `/metrics` has them, by name and labels: the sizes of its tables. */
export async function readGauges(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const names = new Set(Array.from(text.matchAll(/^# TYPE (\S+) gauge$/gm), ([, name = '']) => name))
  const gauges = new Map<string, number>()
  for (const [, key = '', name = '', value = ''] of text.matchAll(/^((\w+)(?:\{[^}]*\})?) (\S+)$/gm)) {
    if (names.has(name) && !ofThePast.test(name)) gauges.set(key, Number(value))
  }
  return gauges
}

/** What the relay has turned away, by reason, in words. */
export async function readRefusals(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const counts = Array.from(
    text.matchAll(/^tsugi_refusals_total\{reason="([^"]*)"\} (\d+)$/gm),
    ([, reason, count]) => ({
      reason,
      count: Number(count),
    }),
  )
  return counts.filter(({ count }) => count > 0).map(({ reason, count }) => `${count} ${reason}`)
}

/** Waits until every gauge is what it was; answers those that are not, in words, when they are not in time. */
export async function waitForGauges(url: string, start: ReadonlyMap<string, number>, ms: number): Promise<string[]> {
  const deadline = Date.now() + ms
  for (;;) {
    const now = await readGauges(url)
    const different = [...now]
      .filter(([name, value]) => value !== (start.get(name) ?? 0))
      .map(([name, value]) => `${name} is ${value}, was ${start.get(name) ?? 0}`)
    if (different.length === 0 || Date.now() > deadline) return different
    await new Promise(resolve => setTimeout(resolve, 500))
  }
}
