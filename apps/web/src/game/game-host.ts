import type { Mesh } from '../network/mesh.ts'
import type { SoundName } from '../sound/sound-box.ts'
import type { GameShelf } from '../storage/game-shelf.ts'

/** What a game needs of the page around it. */
export interface GameHost {
  readonly shelf: GameShelf
  readonly mesh: Mesh
  /** What the person at this page is called. */
  readonly name: string
  /** The model is another. */
  changed(): void
  /** For screen readers. */
  say(text: string): void
  /** Something to know that is no error. */
  tell(text: string): void
  /** Something went wrong: what, and what to do. */
  fail(text: string): void
  sound(name: SoundName): void
  /** Remembers what the person at this page is called. */
  remember(name: string): void
  /** Goes to another game. */
  goTo(fragment: string): void
}
