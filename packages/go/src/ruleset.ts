/** The rule sets that can be played, by the name that a setup carries. */
export type RulesetName = 'japanese' | 'chinese' | 'aga' | 'new-zealand'

/**
 * Which repetitions are forbidden.
 *
 * - `simple`: only to retake a ko at once.
 * - `positional`: to make any position of the whole board that stood before.
 * - `situational`: to make a position that stood before with the same player to move.
 *
 * A pass is never a forbidden repetition.
 */
export type KoRule = 'simple' | 'positional' | 'situational'

/** What one rule set says. */
export interface Ruleset {
  /** The name that SGF's `RU` carries. */
  readonly sgfName: string
  readonly koRule: KoRule
  readonly allowsSuicide: boolean
  readonly scoring: 'area' | 'territory'
  /** Whether territory, where it is counted, includes points in seki and points that their owner would have to fill. */
  readonly countsAllTerritory: boolean
  /** Points that White is given for `stones` handicap stones when area is counted. */
  readonly handicapPoints: (stones: number) => number
  /** Whether a pass hands a stone to the opponent and White passes last, so that counting territory gives what area gives. */
  readonly passStones: boolean
  /** Who plays first when a stopped game is resumed. */
  readonly resumesWith: 'turn' | 'opponent-of-requester'
  /** Komi of an even game. */
  readonly komi: number
}

/** Komi in a handicap game, whatever the rule set: enough that nobody draws. */
export const HANDICAP_KOMI = 0.5

/**
 * The table of rule sets. Sources:
 *
 * - Japanese: Nihon Ki-in, The Japanese Rules of Go (1989): article 6 (ko), 8 (territory, none in seki), 9.3 (resuming:
 *   the opponent of who asks plays first), 12 (a position that comes back may be agreed to be no result).
 * - Chinese: Rules of Weiqi (2002), area counting, komi 3¾ stones = 7.5 points. Its text names triple ko and others apart and leaves them
 *   to the referee; here, as on the servers where people play these rules, positional superko decides. White gets one
 *   point for each handicap stone.
 * - AGA: Official AGA Rules of Go (1991), rules 5 (suicide), 6 (situational superko), 7 (pass stones), 10 (White passes
 *   last), 12 (area and territory agree; with area White gets n - 1 points for n handicap stones).
 * - New Zealand: Rules of Go, New Zealand Go Society: suicide is allowed, situational superko, area, komi 7,
 *   no points for handicap stones.
 */
export const rulesets: Readonly<Record<RulesetName, Ruleset>> = {
  japanese: {
    sgfName: 'Japanese',
    koRule: 'simple',
    allowsSuicide: false,
    scoring: 'territory',
    countsAllTerritory: false,
    handicapPoints: () => 0,
    passStones: false,
    resumesWith: 'opponent-of-requester',
    komi: 6.5,
  },
  chinese: {
    sgfName: 'Chinese',
    koRule: 'positional',
    allowsSuicide: false,
    scoring: 'area',
    countsAllTerritory: true,
    handicapPoints: stones => stones,
    passStones: false,
    resumesWith: 'turn',
    komi: 7.5,
  },
  aga: {
    sgfName: 'AGA',
    koRule: 'situational',
    allowsSuicide: false,
    scoring: 'area',
    countsAllTerritory: true,
    handicapPoints: stones => Math.max(0, stones - 1),
    passStones: true,
    resumesWith: 'turn',
    komi: 7.5,
  },
  'new-zealand': {
    sgfName: 'NZ',
    koRule: 'situational',
    allowsSuicide: true,
    scoring: 'area',
    countsAllTerritory: true,
    handicapPoints: () => 0,
    passStones: false,
    resumesWith: 'turn',
    komi: 7,
  },
}

/** Whether a value names a rule set. */
export function isRulesetName(name: unknown): name is RulesetName {
  return typeof name === 'string' && Object.hasOwn(rulesets, name)
}
