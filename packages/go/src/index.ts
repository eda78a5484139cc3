/**
 * Go as pure functions: boards, rules, scoring, and SGF. No IO, no clock, no randomness.
 *
 * @packageDocumentation
 */
export { boardFromDiagram, diagramOfBoard } from './diagram.ts'
export { chainAt, type Board, type Chain } from './board.ts'
export { guessDeadStones, parseDeadStones, toggleDead } from './dead-stones.ts'
export { goRules, type GoOutcome } from './go-rules.ts'
export { GoError, goCodes, sgfCodes, type GoCode, type Result, type SgfCode } from './codes.ts'
export { BLACK, EMPTY, WHITE, colorOfSeat, opponentOf, seatOfColor, type Color } from './color.ts'
export { handicapPoints, maxHandicap, starPoints } from './handicap.ts'
export {
  giveTurn,
  isLegal,
  isRepetition,
  koPoint,
  legalMoves,
  passTurn,
  playMove,
  resignGame,
  resumePlay,
  type Played,
} from './play.ts'
export { formatResult, parseResult, type GameResult } from './result-text.ts'
export { isRulesetName, rulesets, type KoRule, type Ruleset, type RulesetName } from './ruleset.ts'
export {
  scoreArea,
  scoreGame,
  scoreTerritory,
  withoutDead,
  type BoardCount,
  type OwnerMap,
  type Score,
  type SideScore,
} from './score.ts'
export { MAX_KOMI, defaultKomi, encodeSetup, parseSetup, type GoSetup, type WireSetup } from './setup.ts'
export { placePosition, startGame, type ByColor, type GoState, type StartingPosition } from './state.ts'
export { MAX_SIZE, MIN_SIZE, formatVertex, isBoardSize, isVertex, neighboursOf, parseVertex } from './vertex.ts'
export { defaultSgfLimits, parseSgf, type SgfError, type SgfLimits, type SgfParsed } from './sgf/parse.ts'
export { gameToSgf, type GameRecord, type RecordMove, type RecordVariation } from './sgf/game-to-sgf.ts'
export { type GameInfo } from './sgf/game-info.ts'
export { formatSgfPoint, parseSgfMove, parseSgfPoint, sgfPoints } from './sgf/points.ts'
export { sgfToGame, type Replayed, type ReplayedGame } from './sgf/sgf-to-game.ts'
export { escapeSgf, sgfCompose, sgfSimpleText, sgfText } from './sgf/text.ts'
export { mainLine, type SgfCollection, type SgfNode, type SgfTree } from './sgf/tree.ts'
export { writeSgf } from './sgf/write.ts'
