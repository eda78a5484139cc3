import type { RematchView } from '@tsugi/match'

/** Whether both players have said yes to another game. */
export function isRematchAgreed(offers: readonly RematchView[]): boolean {
  return new Set(offers.map(({ by }) => by)).size >= 2
}

/** Two offers at once: everybody takes the one whose id comes first, of those that can be read here. */
export function chosenRematch(offers: readonly RematchView[]): RematchView | undefined {
  return offers.filter(({ secret }) => secret !== null).toSorted((a, b) => (a.match < b.match ? -1 : 1))[0]
}
