import { AxeBuilder } from '@axe-core/playwright'

import { expect, test } from '../harness/fixtures.ts'
import { type Player } from '../harness/player.ts'

/** What the rules of WCAG 2.2 AA, as far as a machine can tell, find wrong on the page as it is now. */
async function faults(player: Player): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: player.page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`))
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`F1: no fault that axe can find, from the first page to the result, ${colorScheme}`, async ({
    relay,
    arrive,
  }) => {
    const black = await arrive('Honoka')
    const white = await arrive('Shun')
    for (const player of [black, white]) await player.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await white.page.setViewportSize({ width: 390, height: 844 })
    await black.page.goto(relay.url)
    await black.expectRelay('ready')
    expect(await faults(black), 'first page').toEqual([])
    const link = await black.createGame(relay.url, { color: 'Black' })
    expect(await faults(black), 'invite').toEqual([])
    await white.open(link)
    await black.expectPhase('playing')
    await white.expectPhase('playing')
    await black.play('E5')
    await white.expectPly(1)
    for (const player of [black, white]) expect(await faults(player), 'playing').toEqual([])
    await white.play('pass')
    await black.expectPly(2)
    await black.play('pass')
    await white.expectPhase('settling')
    for (const player of [black, white]) expect(await faults(player), 'counting').toEqual([])
    await white.press('Accept the count')
    await black.press('Accept the count')
    await black.expectPhase('over')
    for (const player of [black, white]) expect(await faults(player), 'over').toEqual([])
  })
}
