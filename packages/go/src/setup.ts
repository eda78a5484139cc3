import type { GoCode, Result } from './codes.ts'
import { maxHandicap } from './handicap.ts'
import { HANDICAP_KOMI, isRulesetName, rulesets, type RulesetName } from './ruleset.ts'
import { isBoardSize } from './vertex.ts'

/** What both players agree on before the first move. */
export interface GoSetup {
  /** Lines of the board, 5 to 19. */
  readonly size: number
  readonly ruleset: RulesetName
  /** Points that White is given, a multiple of 0.5 from -150 to 150. */
  readonly komi: number
  /** Black stones that stand on star points before White moves first: 0, or 2 to 9. */
  readonly handicap: number
}

/** The largest komi, either way. */
export const MAX_KOMI = 150

/** The komi that a rule set has for an even game (see `ruleset.ts`), or for one with handicap stones: 0.5. */
export function defaultKomi(ruleset: RulesetName, handicap = 0): number {
  return handicap > 0 ? HANDICAP_KOMI : rulesets[ruleset].komi
}

/** A setup as it travels: komi in half points, because numbers on the wire are integers. */
export interface WireSetup {
  readonly size: number
  readonly ruleset: RulesetName
  readonly komi2: number
  readonly handicap: number
}

/** The form of a setup that travels; {@link parseSetup} reads it back. */
export function encodeSetup({ size, ruleset, komi, handicap }: GoSetup): WireSetup {
  return { size, ruleset, komi2: komi * 2, handicap }
}

/**
 * Reads a setup that came from elsewhere, with `komi` or, as it travels, with `komi2` (half points). All four fields must be there
 * and sound; others are refused, since a setup is signed and two peers must not read different things into it.
 */
export function parseSetup(value: unknown): Result<GoSetup> {
  if (typeof value !== 'object' || value === null) return refuse('go/bad-setup')
  const { size, ruleset, komi: points, komi2, handicap, ...rest } = value as Record<string, unknown>
  if (Object.keys(rest).length > 0 || (points !== undefined && komi2 !== undefined)) return refuse('go/bad-setup')
  if (!isBoardSize(size)) return refuse('go/bad-size')
  if (!isRulesetName(ruleset)) return refuse('go/bad-ruleset')
  const komi = isPlainInteger(komi2) ? komi2 / 2 : points
  if (typeof komi !== 'number' || !isPlainInteger(komi * 2) || Math.abs(komi) > MAX_KOMI) return refuse('go/bad-komi')
  if (!isPlainInteger(handicap) || handicap < 0 || handicap === 1 || handicap > 9) return refuse('go/bad-handicap')
  if (handicap > maxHandicap(size)) return refuse('go/handicap-too-large')
  return { ok: true, value: { size, ruleset, komi, handicap } }
}

/** An integer, and not the negative zero that would be written as another number. */
function isPlainInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && !Object.is(value, -0)
}

function refuse(code: GoCode): { ok: false; code: GoCode } {
  return { ok: false, code }
}
