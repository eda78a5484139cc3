import { MAX_SIZE, MIN_SIZE, type GoSetup, type RulesetName, defaultKomi, isRulesetName, maxHandicap } from '@tsugi/go'

import { type ClockChoice, type ClockKind, clockKinds, normalClock } from './clock-choice.ts'

/** What the form for a new game holds. */
export interface SetupForm {
  readonly size: number
  readonly ruleset: RulesetName
  readonly handicap: number
  readonly komi: number
  readonly color: 'black' | 'white' | 'random'
  readonly clock: ClockChoice
}

/** What a person who has never chosen is offered. */
export const firstSetup: SetupForm = {
  size: 9,
  ruleset: 'japanese',
  handicap: 0,
  komi: defaultKomi('japanese'),
  color: 'random',
  clock: normalClock('none'),
}

/** The rule sets by the names that people know. */
export const rulesetNames: readonly { readonly ruleset: RulesetName; readonly name: string }[] = [
  { ruleset: 'japanese', name: 'Japanese' },
  { ruleset: 'chinese', name: 'Chinese' },
  { ruleset: 'aga', name: 'AGA' },
  { ruleset: 'new-zealand', name: 'New Zealand' },
]

/**
 * Changes the form, and brings along what depends on it: a handicap that fits the board, and the komi that goes with rules
 * and handicap.
 */
export function changeSetup(form: SetupForm, change: Partial<SetupForm>): SetupForm {
  const next = { ...form, ...change }
  const handicap = Math.min(next.handicap, maxHandicap(next.size))
  const given = handicap === 1 ? 0 : handicap
  const komiFollows = change.komi === undefined && (next.ruleset !== form.ruleset || given > 0 !== form.handicap > 0)
  return { ...next, handicap: given, komi: komiFollows ? defaultKomi(next.ruleset, given) : next.komi }
}

/** The handicaps that a board has room for. */
export function handicapsOf(size: number): number[] {
  const most = maxHandicap(size)
  return [0, ...Array.from({ length: Math.max(0, most - 1) }, (_, index) => index + 2)]
}

/** What the rules are handed. */
export function goSetupOf(form: SetupForm): GoSetup {
  return { size: form.size, ruleset: form.ruleset, komi: form.komi, handicap: form.handicap }
}

/** Reads a form that was remembered; whatever does not fit falls back. */
export function parseSetupForm(text: string): SetupForm {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return firstSetup
  }
  if (typeof value !== 'object' || value === null) return firstSetup
  const { size, ruleset, handicap, komi, color, clock } = value as Record<string, unknown>
  return {
    size: whole(size, MIN_SIZE, MAX_SIZE, firstSetup.size),
    ruleset: isRulesetName(ruleset) ? ruleset : firstSetup.ruleset,
    ...komiAndHandicap(whole(size, MIN_SIZE, MAX_SIZE, firstSetup.size), handicap, komi),
    color: color === 'black' || color === 'white' ? color : 'random',
    clock: parseClockChoice(clock),
  }
}

function komiAndHandicap(size: number, handicap: unknown, komi: unknown): { handicap: number; komi: number } {
  const stones = whole(handicap, 0, 9, 0)
  return {
    handicap: handicapsOf(size).includes(stones) ? stones : 0,
    komi: typeof komi === 'number' && Number.isInteger(komi * 2) && Math.abs(komi) <= 150 ? komi : firstSetup.komi,
  }
}

function parseClockChoice(value: unknown): ClockChoice {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const kind = clockKinds.find(known => known.kind === fields['kind'])?.kind ?? ('none' satisfies ClockKind)
  const normal = normalClock(kind)
  return {
    kind,
    mainMinutes: whole(fields['mainMinutes'], 0, 600, normal.mainMinutes),
    incrementSeconds: whole(fields['incrementSeconds'], 0, 600, normal.incrementSeconds),
    periods: whole(fields['periods'], 1, 50, normal.periods),
    periodSeconds: whole(fields['periodSeconds'], 1, 3_600, normal.periodSeconds),
    moves: whole(fields['moves'], 1, 100, normal.moves),
  }
}

function whole(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : otherwise
}
