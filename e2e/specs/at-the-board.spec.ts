import { expect, test } from '../harness/fixtures.ts'
import { type Player } from '../harness/player.ts'

/** Where a point of a 9×9 board is, in pixels of the page; the board has a margin beside its lines. */
async function pixelOf(player: Player, point: string): Promise<{ x: number; y: number }> {
  return player.board.evaluate((board, name) => {
    const cell = [...board.querySelectorAll('[role=gridcell]')].find(at =>
      at.getAttribute('aria-label')?.startsWith(`${name},`),
    )
    const box = cell?.getBoundingClientRect()
    if (!box) throw new Error(`There is no ${name}.`)
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  }, point)
}

test('F1: stones are placed by mouse and by arrow keys; what cannot be played is refused in words', async ({
  seated: [black, white],
}) => {
  const at = await pixelOf(black, 'D4')
  await black.page.mouse.click(at.x, at.y)
  await white.expectPly(1)
  await expect(white.page.getByTestId('spoken')).toContainText('D4')

  await white.board.focus()
  await white.page.keyboard.press('Home')
  await white.page.keyboard.press('ArrowRight')
  await white.page.keyboard.press('ArrowDown')
  await white.page.keyboard.press('Enter')
  await black.expectPly(2)

  await black.play('D4')
  await expect(black.page.getByTestId('note')).toContainText(/D4/)
  await black.play('Z9')
  await expect(black.page.getByTestId('note')).toContainText('not a point')
  await white.play('E5')
  await expect(white.page.getByTestId('note')).toContainText('not your turn')
  await black.expectPly(2)
})

test('F1: on a phone a tap places a stone', async ({ seated: [black, white] }) => {
  await white.page.setViewportSize({ width: 390, height: 844 })
  await black.play('E5')
  await white.expectPly(1)
  const at = await pixelOf(white, 'C3')
  await white.page.mouse.click(at.x, at.y)
  await black.expectPly(2)
  // Nothing hangs over the edge of the screen.
  expect(await white.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('an undo is asked for, refused, asked for again and granted; the board is as it was', async ({
  seated: [black, white],
}) => {
  await black.play('E5')
  await white.expectPly(1)
  await black.press('Undo')
  await white.press('Refuse')
  await black.expectPly(1)
  await white.play('C3')
  await black.expectPly(2)
  await black.play('G7')
  await white.expectPly(3)
  await black.press('Undo')
  await white.press('Allow it')
  await black.expectPly(2)
  await white.expectPly(2)
  await black.play('G6')
  await white.expectPly(3)
})

test('going back through the game shows earlier boards and never plays there', async ({ seated: [black, white] }) => {
  await black.play('E5')
  await white.expectPly(1)
  await white.play('C3')
  await black.expectPly(2)
  await black.page.getByTestId('status').click()
  await black.page.keyboard.press('ArrowLeft')
  await black.expectPly(1)
  await black.play('G7')
  await expect(black.page.getByTestId('note')).toContainText('earlier position')
  await black.press('Back to the game')
  await black.expectPly(2)
  await white.expectPly(2)
})

test('a resignation ends the game, and a rematch is played with colours swapped', async ({
  seated: [black, white],
}) => {
  await black.play('E5')
  await white.expectPly(1)
  await white.press('Resign')
  await white.page.getByRole('dialog').getByRole('button', { name: 'Resign' }).click()
  await expect(black.page.getByTestId('result')).toHaveAttribute('data-result', 'B+R')
  await black.press('Offer a rematch')
  await white.press('Play the rematch')
  await black.expectPhase('playing')
  await white.expectPhase('playing')
  await black.expectPly(0)
  // Honoka is White now: Shun begins.
  await white.play('E5')
  await black.expectPly(1)
  await black.play('C3')
  await white.expectPly(2)
})

test('whose opponent has left sees since when, and that they are back', async ({ seated: [black, white] }) => {
  const seat = black.page.getByTestId('seat-white')
  await expect(seat).toHaveAttribute('data-presence', 'here')
  const address = white.page.url()
  await white.page.goto('about:blank')
  await expect(seat).toHaveAttribute('data-presence', 'away')
  await white.page.goto(address)
  await expect(seat).toHaveAttribute('data-presence', 'here')
})
