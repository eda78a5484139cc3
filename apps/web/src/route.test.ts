import { playFragment, watchFragment } from '@tsugi/protocol'
import { expect, it } from 'vitest'

import { parseRoute } from './route.ts'

const match = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA' as Parameters<typeof playFragment>[0]
const secret = new Uint8Array(16)

it('reads the first page, invites and watch links', () => {
  expect(parseRoute('').view).toBe('home')
  expect(parseRoute('#/').view).toBe('home')
  expect(parseRoute(`#${playFragment(match, secret)}`)).toMatchObject({ view: 'game', link: { role: 'play', match } })
  expect(parseRoute(`#${watchFragment(match, secret)}`)).toMatchObject({ view: 'game', link: { role: 'watch', match } })
})

it('tells a link that was cut off from one that is no link', () => {
  expect(parseRoute(`#${playFragment(match, secret)}`.slice(0, -2))).toEqual({ view: 'damaged', isCut: true })
  expect(parseRoute('#/play/nonsense')).toEqual({ view: 'damaged', isCut: false })
})
