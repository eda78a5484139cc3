import * as v from 'valibot'

import { defaultLimits } from './limits.ts'

// Control characters, lone surrogates and the marks that turn the direction of text: none belongs in a name.
const unwanted = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** A player's name: at most `nameLength` characters, none that controls how text is shown. May be empty. [R8] */
export const playerNameSchema = v.pipe(
  v.string(),
  v.maxLength(4 * defaultLimits.nameLength),
  v.check(name => Array.from(name).length <= defaultLimits.nameLength && !unwanted.test(name), 'not a name'),
)

/** Makes a name out of what a person typed: trimmed, unwanted characters left out, cut to the limit. */
export function tidyPlayerName(text: string): string {
  const kept = Array.from(text.normalize('NFC').trim()).filter(character => !unwanted.test(character))
  return kept.slice(0, defaultLimits.nameLength).join('')
}
