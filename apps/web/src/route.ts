import { type InviteLink, parseFragment } from '@tsugi/protocol'

/** Where the location bar points. */
export type Route =
  | { readonly view: 'home' }
  | { readonly view: 'game'; readonly link: InviteLink }
  /** A link to a game that was cut or changed on its way. */
  | { readonly view: 'damaged'; readonly isCut: boolean }

/** Reads the part of the address after `#`. */
export function parseRoute(hash: string): Route {
  if (hash === '' || hash === '#' || hash === '#/') return { view: 'home' }
  const link = parseFragment(hash)
  if (link.ok) return { view: 'game', link: link.value }
  return { view: 'damaged', isCut: link.code === 'invite/wrong-length' }
}
