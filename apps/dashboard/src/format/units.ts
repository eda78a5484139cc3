const groups = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

/** `12,345`; means have a digit more below ten: `2.5`. */
export function countText(value: number): string {
  return Number.isInteger(value) || value >= 10 ? groups.format(value) : value.toFixed(1)
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `512 B`, `1.5 kB`, `12 MB`: decimal, three digits at most. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1_000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${trimmed(value.toFixed(digits))} ${byteUnits[unit]}`
}

/** `1.5 kB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`
}

/** `12 %`; below ten one digit more. */
export function shareText(share: number): string {
  const percent = share * 100
  return `${percent >= 9.95 ? percent.toFixed(0) : trimmed(percent.toFixed(1))} %`
}

/** `1.2 ms`, `350 ms`, `2.1 s`. */
export function delayText(ms: number): string {
  if (ms >= 999.5) return `${trimmed((ms / 1_000).toFixed(1))} s`
  return `${ms >= 9.95 ? ms.toFixed(0) : trimmed(ms.toFixed(1))} ms`
}

/** `0.3/s`, `12/s`. */
export function perSecondText(perSecond: number): string {
  return `${perSecond >= 9.95 || perSecond === 0 ? perSecond.toFixed(0) : trimmed(perSecond.toFixed(perSecond < 0.1 ? 2 : 1))}/s`
}

/** `40 s`, `12 min`, `3 h 20 min`, `5 d 3 h`: the two units that matter. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `14:05`. */
export function clockText(atMs: number): string {
  return clock.format(atMs)
}

/** `14:05:30`. */
export function momentText(atMs: number): string {
  return clockSeconds.format(atMs)
}

/** `3 Nov, 14:05`. */
export function dateText(atMs: number): string {
  return dayAndClock.format(atMs)
}

/** The end of a peer id, by which people tell peers apart: their beginnings are alike. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `…${id.slice(-8)}`
}

function trimmed(text: string): string {
  return text.replace(/\.0+$|(\.\d*[1-9])0+$/, '$1')
}
