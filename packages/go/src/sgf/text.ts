/** A backslash with the line break that it hides, or with the character that it protects, or any line break. */
const escapesAndBreaks = /\\(?:\r\n|\n\r|[\s\S])|\r\n|\n\r|[\n\r]/g

/** Reads a value as FF[4]'s Text: escapes undone, hidden line breaks removed, other line breaks as `\n`, other white space as blanks. */
export function sgfText(raw: string): string {
  return plain(raw, '\n')
}

/** Reads a value as FF[4]'s SimpleText: as {@link sgfText}, but on one line. */
export function sgfSimpleText(raw: string): string {
  return plain(raw, ' ')
}

function plain(raw: string, lineBreak: string): string {
  return raw
    .replaceAll(escapesAndBreaks, found => {
      if (!found.startsWith('\\')) return lineBreak
      const protectedPart = found.slice(1)
      return /^[\r\n]/.test(protectedPart) ? '' : protectedPart
    })
    .replaceAll(/[\t\v\f]/g, ' ')
}

/** Splits a composed value (`AP[name:version]`) at its first unescaped colon, both halves still escaped; null without one. */
export function sgfCompose(raw: string): readonly [string, string] | null {
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === '\\') at++
    else if (raw[at] === ':') return [raw.slice(0, at), raw.slice(at + 1)]
  }
  return null
}

/** Escapes text for a value. Colons stay as they are; a text that is half of a composed value needs them escaped as well. */
export function escapeSgf(text: string): string {
  return text.replaceAll(/[\]\\]/g, String.raw`\$&`)
}
