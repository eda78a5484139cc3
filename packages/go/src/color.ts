/** A player's colour. Black is seat 0, White is seat 1. */
export type Color = 'black' | 'white'

/** What stands on a point: nothing, a black stone or a white one. */
export const EMPTY = 0
/** A black stone. */
export const BLACK = 1
/** A white stone. */
export const WHITE = 2

/** The content of one point of a board. */
export type Stone = typeof BLACK | typeof WHITE

/** The stone of a colour. */
export function stoneOf(color: Color): Stone {
  return color === 'black' ? BLACK : WHITE
}

/** The other colour. */
export function opponentOf(color: Color): Color {
  return color === 'black' ? 'white' : 'black'
}

/** The colour that sits at a seat: 0 is Black, 1 is White. */
export function colorOfSeat(seat: 0 | 1): Color {
  return seat === 0 ? 'black' : 'white'
}

/** The seat of a colour: Black sits at 0, White at 1. */
export function seatOfColor(color: Color): 0 | 1 {
  return color === 'black' ? 0 : 1
}
