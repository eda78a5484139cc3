import { encode } from 'uqr'
import { expect, it } from 'vitest'

import { qrPath } from './qr-path.ts'

it('covers exactly the dark modules', () => {
  const text = 'https://go.example/#/play/AAAA.BBBB'
  const { path, size } = qrPath(text)
  const drawn = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let step = 0; step < Number(run); step++) drawn[Number(y)]?.splice(Number(x) + step, 1, true)
  }
  expect(drawn).toEqual(encode(text, { ecc: 'L', border: 0 }).data)
})
