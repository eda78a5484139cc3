/**
 * Every refusal and error of this package, with a sentence that a page can show to a person.
 * A code is stable; the sentence may be reworded.
 */
export const goCodes = {
  'go/occupied': 'There is already a stone on that point.',
  'go/suicide': 'That stone would have no liberty, and these rules forbid suicide.',
  'go/ko': 'That would retake the ko at once. Play elsewhere first.',
  'go/superko': 'That would repeat an earlier position of the whole board.',
  'go/out-of-board': 'That point is not on the board.',
  'go/not-playing': 'The game is not being played now.',
  'go/not-stopped': 'The game is still being played.',
  'go/not-a-stone': 'There is no stone on that point.',
  'go/bad-dead-stones': 'Dead stones are listed in ascending order, each chain as a whole.',
  'go/not-your-turn': 'It is the turn of the other player.',
  'go/bad-move': 'That is not a move.',
  'go/bad-setup': 'The setup of the game is not understood.',
  'go/bad-size': 'The board must be square with 5 to 19 lines.',
  'go/bad-ruleset': 'The rule set is not known.',
  'go/bad-komi': 'Komi must be a multiple of 0.5 between -150 and 150.',
  'go/bad-handicap': 'A handicap is 0 or from 2 to 9 stones.',
  'go/handicap-too-large': 'This board has too few star points for so many handicap stones.',
  'go/bad-argument': 'A function was called with an argument that it does not take.',
} as const

/** A key of {@link goCodes}. */
export type GoCode = keyof typeof goCodes

/** Every way in which SGF text can be refused, with a sentence for a person. */
export const sgfCodes = {
  'sgf/too-large': 'The file is larger than allowed.',
  'sgf/too-many-nodes': 'The file has more nodes than allowed.',
  'sgf/too-many-values': 'The file has more property values than allowed.',
  'sgf/too-deep': 'Variations are nested more deeply than allowed.',
  'sgf/empty': 'There is no game in this file.',
  'sgf/unexpected-character': 'This character cannot stand here.',
  'sgf/missing-node': 'A game tree must begin with a node, that is with ";".',
  'sgf/missing-value': 'A property needs at least one value in brackets.',
  'sgf/unclosed-value': 'A property value is not closed by "]".',
  'sgf/unclosed-tree': 'A game tree is not closed by ")".',
  'sgf/no-such-encoding': 'The character encoding named in CA is not known here.',
  'sgf/not-go': 'This is a record of another game.',
  'sgf/bad-size': 'The board must be square with 5 to 19 lines.',
  'sgf/bad-point': 'A point is not on the board.',
  'sgf/bad-move': 'A move cannot be played.',
} as const

/** A key of {@link sgfCodes}. */
export type SgfCode = keyof typeof sgfCodes

/** What a function answers when others can cause it to fail: the value, or the code of the refusal. */
export type Result<Value, Code extends string = GoCode> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: Code }

/** Thrown for a mistake of the caller, never for what a remote party or a file contains. */
export class GoError extends Error {
  readonly code: GoCode

  constructor(code: GoCode, detail?: string) {
    super(detail === undefined ? goCodes[code] : `${goCodes[code]} ${detail}`)
    this.name = 'GoError'
    this.code = code
  }
}
