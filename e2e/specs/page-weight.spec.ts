import { weighPage } from '../bench/page-weight.ts'
import { expect, test } from '../harness/fixtures.ts'

test('F1: the page is under 220 kB of JavaScript gzipped, and the board needs less than half of it', () => {
  const weight = weighPage()
  expect(weight.javascript).toBeLessThan(220_000)
  expect(weight.firstJavascript).toBeLessThan(110_000)
})
