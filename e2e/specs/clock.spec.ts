import { expect, test } from '../harness/fixtures.ts'

test('D5: who lets the clock run out loses on time, on both pages', async ({ relay, arrive }) => {
  const black = await arrive('Honoka')
  const white = await arrive('Shun')
  await black.page.goto(relay.url)
  const form = black.page.getByRole('form', { name: 'New game' })
  await form.getByText('9 × 9', { exact: true }).click()
  await form.getByText('Black', { exact: true }).click()
  await form.getByLabel('Clock').selectOption('Byo-yomi')
  for (const [label, value] of [
    ['Main time, minutes', '0'],
    ['Periods', '1'],
    ['Period, seconds', '3'],
  ] as const) {
    await form.getByLabel(label, { exact: true }).fill(value)
    await form.getByLabel(label, { exact: true }).press('Tab')
  }
  await form.getByRole('button', { name: 'Create game' }).click()
  await white.open(await black.page.getByTestId('invite-link').inputValue())
  await black.expectPhase('playing')
  // Each clock starts with its player's first move.
  await black.play('E5')
  await white.expectPly(1)
  await white.play('C3')
  await black.expectPly(2)
  await black.play('G7')
  await white.expectPly(3)
  for (const player of [black, white]) {
    await expect(player.page.getByTestId('result')).toHaveAttribute('data-result', 'B+T', { timeout: 60_000 })
  }
})
