import { encodeSetup, goRules } from '@tsugi/go'
import { createMatchMachine } from '@tsugi/match'
import { type ClockSetting, type MatchId, inviteSecretBytes, playFragment, tidyPlayerName } from '@tsugi/protocol'

import type { GameShelf } from '../storage/game-shelf.ts'
import { randomBytes } from '../storage/random-text.ts'
import { rememberSlot } from '../storage/remembered-slot.ts'
import { appId } from './app-id.ts'
import { clockSettingOf } from './clock-setting.ts'
import type { GoSeat } from './game-model.ts'
import { type SetupForm, goSetupOf } from './setup-form.ts'

/** What a new game is made of. */
export interface NewGame {
  readonly setup: unknown
  readonly seat: GoSeat
  readonly clock: ClockSetting
  readonly name: string
}

/** A game that has been made and kept on this device. */
export interface MadeGame {
  readonly match: MatchId
  readonly secret: Uint8Array
  /** The part of its address after `#`; also the invite. */
  readonly fragment: string
}

/** Makes a game from the form, keeps it, and answers its fragment. */
export async function createGame(shelf: GameShelf, form: SetupForm, name: string): Promise<string> {
  const seat: GoSeat =
    form.color === 'random' ? ((randomBytes(1)[0] ?? 0) < 128 ? 0 : 1) : form.color === 'black' ? 0 : 1
  const game = await makeGame(shelf, {
    setup: encodeSetup(goSetupOf(form)),
    seat,
    clock: clockSettingOf(form.clock),
    name,
  })
  return game.fragment
}

/**
 * Makes a game with this device in one of its seats: draws its secrets, signs its first record, keeps both.
 *
 * @throws StorageError when the device cannot keep it; `RangeError` when the rules refuse the setup
 */
export async function makeGame(shelf: GameShelf, game: NewGame): Promise<MadeGame> {
  const secret = randomBytes(inviteSecretBytes)
  const seatKey = randomBytes(32)
  const now = Date.now()
  const name = tidyPlayerName(game.name)
  const made = createMatchMachine({ rules: goRules }).create({ app: appId, ...game, name, secret, seatKey, now })
  if (!made.ok) throw new RangeError(`The game cannot be made: ${made.code}`)
  const { match, genesis } = made.value
  const slot = '0'
  const key = `${match}/${slot}`
  const fragment = playFragment(match, secret)
  const size = (game.setup as { readonly size: number }).size
  await shelf.append(key, [genesis])
  await shelf.put({
    key,
    matchId: match,
    slot,
    fragment,
    seatKey,
    summary: {
      size,
      state: 'waiting',
      myColor: game.seat === 0 ? 'black' : 'white',
      black: game.seat === 0 ? name : null,
      white: game.seat === 1 ? name : null,
      moves: 0,
      myTurn: false,
      result: null,
    },
    createdAt: now,
    updatedAt: now,
  })
  rememberSlot(match, slot)
  return { match, secret, fragment }
}
