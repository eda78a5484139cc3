/** A board as a string, row by row from the top: `.` empty, `X` black, `O` white. Tests and bug reports read it. */
export function positionText(stones: Uint8Array): string {
  let text = ''
  for (const stone of stones) text += stone === 1 ? 'X' : stone === 2 ? 'O' : '.'
  return text
}
