import { closestMatch } from 'leven'

/** How many letters a typing error may change. */
const maxTypos = 3

/** The words for what was probably meant, to follow a sentence; nothing where no name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = closestMatch(name, known, { maxDistance: Math.min(maxTypos, Math.floor(name.length / 3)) })
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`
}
