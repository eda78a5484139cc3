import { type TemplateResult, html, nothing } from 'lit'

import { type GameActions, type GameModel, type GoSeat, seatColor } from '../game/game-model.ts'
import './game-clock.ts'
import { pop } from './pop.ts'
import { clampText, colorName, lasting } from './words.ts'

/** A player's place beside the board: colour, name, presence, captures, clock. */
export function seatCard(model: GameModel, actions: GameActions, seat: GoSeat, now: number): TemplateResult {
  const player = model.seats[seat]
  const color = seatColor(seat)
  const isTurn = model.phase === 'playing' && model.turn === seat
  return html`<section
    class="seat ${isTurn ? 'turn' : ''}"
    aria-label=${colorName(color)}
    data-testid="seat-${color}"
    data-presence=${player.isMe ? 'here' : player.presence}
  >
    <i class="dot ${color}" aria-hidden="true"></i>
    <div class="who">
      <strong><bdi data-testid="name-${color}">${seatName(player.name)}</bdi></strong>
      <span class="about">${presenceText(model, seat, now)}${capturesText(player.captures)}</span>
    </div>
    ${player.isMe && player.name === '' ? nameForm(actions) : nothing}
    ${
      player.hasClock
        ? html`<game-clock
            role="group"
            aria-label="${colorName(color)}’s clock"
            data-testid="clock-${color}"
            .read=${(time: number) => actions.clockOf(seat, time)}
          ></game-clock>`
        : nothing
    }
  </section>`
}

/** For who sat down without a name. */
function nameForm(actions: GameActions): TemplateResult {
  const onSubmit = (event: Event): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const name = form.querySelector('input')?.value.trim() ?? ''
    if (name !== '') actions.rename(name)
  }
  return pop(
    'Add your name',
    html`<form class="name-form" @submit=${onSubmit}>
      <label class="field"
        ><span>Your name</span><input type="text" maxlength="32" autocomplete="nickname" required
      /></label>
      <button class="primary" type="submit">Save</button>
    </form>`,
    'naming',
  )
}

/** A player's name as it is shown. */
export function seatName(name: string | null): string {
  if (name === null) return 'Open seat'
  return name === '' ? 'Anonymous' : clampText(name, 32)
}

function presenceText(model: GameModel, seat: GoSeat, now: number): TemplateResult | typeof nothing {
  const player = model.seats[seat]
  if (player.isMe) return html`<span>You</span>`
  if (player.name === null) return nothing
  switch (player.presence) {
    case 'here':
      return html`<span class="here">Here</span>`
    case 'away':
      return html`<span class="away"
        >Away${player.awaySince === null ? '' : ` for ${lasting(now - player.awaySince)}`}</span
      >`
    case 'unknown':
      return html`<span class="away">Not connected</span>`
  }
}

function capturesText(captures: number): TemplateResult | typeof nothing {
  return captures === 0 ? nothing : html`<span>${captures} captured</span>`
}
