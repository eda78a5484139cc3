import { toggleDead } from '@tsugi/go'
import { type Intent, type Notice, matchTopic } from '@tsugi/match'
import type { Peer } from '@tsugi/peer'
import { type InviteLink, playFragment, signPublication, tidyPlayerName, watchFragment } from '@tsugi/protocol'

import { clockFace } from './clock-face.ts'
import { makeGame } from './create-game.ts'
import type { GameHost } from './game-host.ts'
import type { GameActions, GameModel } from './game-model.ts'
import { type GameSlot, takeGameSlot } from './game-slot.ts'
import { summaryOf } from './game-summary.ts'
import { GameTransport } from './game-transport.ts'
import { KeptGame } from './kept-game.ts'
import { lineOf, noLine } from './line-watch.ts'
import { type GoMatchView, MatchModels } from './match-model.ts'
import { noticeWords } from './notice-words.ts'
import { type GoSession, machine, openSession, secretsOf } from './open-session.ts'
import { publishableRecords } from './publishable-records.ts'
import { refusalSentence } from './refusal-words.ts'
import { chosenRematch, isRematchAgreed } from './rematch-offers.ts'
import { sgfOf } from './sgf-export.ts'

/** How often what tells of no change by itself is looked at: round trips, claims of time. */
const lookMs = 2_000

/**
 * A game that is open on this page. It shows what is kept before the network is there; as soon as there is a peer, a session takes over,
 * and this side sits down if it may.
 */
export class OpenGame {
  model: GameModel
  readonly actions: GameActions
  readonly #link: InviteLink
  readonly #host: GameHost
  readonly #slot: GameSlot
  readonly #kept: KeptGame
  readonly #models = new MatchModels()
  readonly #watchLink: string
  #opened: Promise<GoSession | null>
  #name: string
  readonly #ends: (() => void)[] = []
  readonly #notices: Notice[] = []
  #view: GoMatchView
  #viewAt: number
  #session: GoSession | null = null
  #transport: GameTransport | null = null
  #peer: Peer | null = null
  #isRefreshing = false
  #isSitting = false
  #isPublished = false
  #isClosed = false

  constructor(link: InviteLink, slot: GameSlot, host: GameHost, kept: GoMatchView) {
    this.#link = link
    this.#slot = slot
    this.#host = host
    this.#kept = new KeptGame(link, slot, host.shelf, () => host.fail(refusalSentence('session/store-failed')))
    this.#name = tidyPlayerName(host.name)
    this.#view = kept
    this.#viewAt = Date.now()
    this.#watchLink = linkTo(watchFragment(link.match, link.readSecret))
    this.model = this.#build()
    this.actions = this.#makeActions()
    this.#opened = this.#connect()
  }

  /** Says goodbye to the others, leaves the topic, gives the seat back. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#endSession()
    await this.#transport?.close()
    await this.#kept.settled()
    // A link whose game was never found leaves nothing behind.
    if (!this.#slot.entry && this.#view.phase === 'loading') await this.#host.shelf.remove(this.#slot.key)
    this.#slot.release()
  }

  async #endSession(): Promise<void> {
    for (const end of this.#ends.splice(0)) end()
    await this.#session?.stop()
    this.#session = null
  }

  /** The others learn a name from the session that bears it, so it is opened again. */
  async #rename(name: string): Promise<GoSession | null> {
    this.#name = tidyPlayerName(name)
    this.#host.remember(this.#name)
    await this.#endSession()
    return this.#isClosed ? null : this.#connect()
  }

  /** Opens the session as soon as there is a peer; null when that failed, which the host has been told. */
  async #connect(): Promise<GoSession | null> {
    try {
      const peer = await this.#host.mesh.peer()
      if (this.#isClosed) return null
      this.#peer = peer
      this.#transport ??= new GameTransport(peer, matchTopic(secretsOf(this.#link)))
      const { seatKey, entry } = this.#slot
      // A new seat's key must be kept before anything is signed with it.
      if (seatKey && !entry) await this.#keep()
      const session = await openSession({
        link: this.#link,
        slot: this.#slot,
        shelf: this.#host.shelf,
        transport: this.#transport,
        name: this.#name,
      })
      if (this.#isClosed) {
        await session.stop()
        await this.#transport.close()
        return null
      }
      this.#session = session
      this.#follow(session)
      return session
    } catch (error) {
      if (this.#isClosed) return null
      this.#host.fail(
        `The game cannot be connected (${error instanceof Error ? error.message : String(error)}). What is shown is what this device has kept. Reload the page to try again.`,
      )
      return null
    }
  }

  #follow(session: GoSession): void {
    this.#ends.push(
      session.on(event => {
        if (event.type === 'notice') this.#notices.push(event.notice)
        if (event.type === 'failed') this.#host.fail(refusalSentence('session/store-failed'))
        this.#refreshSoon()
      }),
    )
    const looking = setInterval(() => this.#refreshSoon(), lookMs)
    this.#ends.push(() => clearInterval(looking))
    const onVisibility = (): void => session.setStatus(document.visibilityState === 'visible' ? 'here' : 'away')
    document.addEventListener('visibilitychange', onVisibility)
    this.#ends.push(() => document.removeEventListener('visibilitychange', onVisibility))
    const onLine = (): void => this.#refreshSoon()
    this.#peer?.addEventListener('link:change', onLine)
    this.#host.mesh.addEventListener('change', onLine)
    this.#ends.push(() => {
      this.#peer?.removeEventListener('link:change', onLine)
      this.#host.mesh.removeEventListener('change', onLine)
    })
    if (document.visibilityState === 'hidden') session.setStatus('away')
    this.#refreshSoon()
  }

  /** Several things happen in one step: the page is drawn once after them. */
  #refreshSoon(): void {
    if (this.#isRefreshing || this.#isClosed) return
    this.#isRefreshing = true
    queueMicrotask(() => {
      this.#isRefreshing = false
      if (!this.#isClosed) this.#refresh()
    })
  }

  #refresh(): void {
    const session = this.#session
    if (!session) return
    this.#view = session.view
    this.#viewAt = Date.now()
    this.model = this.#build()
    for (const notice of this.#notices.splice(0)) this.#onNotice(notice)
    this.#host.changed()
    void this.#sitDown(session)
    void this.#keep()
    if (this.#view.phase === 'loading' && this.#view.refusals['genesis/rules']) {
      this.#host.fail(refusalSentence('genesis/rules'))
    }
  }

  #build(): GameModel {
    const { role, match } = this.#link
    return this.#models.of(this.#view, {
      line: this.#peer ? lineOf(this.#peer, this.#view, this.#host.mesh.status) : noLine,
      playLink: role === 'play' && this.#view.mySeat !== null ? linkTo(playFragment(match, this.#link.secret)) : null,
      watchLink: this.#watchLink,
      myName: this.#name,
      isPublished: this.#isPublished,
      now: Date.now(),
    })
  }

  /** The visitor of an invite sits down by opening it. */
  async #sitDown(session: GoSession): Promise<void> {
    const maySit = this.#view.phase === 'waiting' && this.#view.allowed.includes('sit')
    if (!maySit || this.#isSitting || this.#view.mySeat !== null) return
    this.#isSitting = true
    const sat = await session.act({ type: 'sit', name: this.#name })
    this.#isSitting = false
    if (!sat.ok) this.#host.fail(refusalSentence(sat.code, sat.detail))
  }

  #onNotice(notice: Notice): void {
    const { text, sound } = noticeWords(notice, this.model)
    if (text !== null) this.#host.say(text)
    if (sound !== null) this.#host.sound(sound)
    const isSeatTaken =
      notice.type === 'seat-lost' ||
      (notice.type === 'caught-up' && this.#link.role === 'play' && this.model.mySeat === null)
    if (isSeatTaken && this.model.phase !== 'waiting') {
      this.#host.tell('Both seats are taken, so you are watching. To play, create a game of your own.')
    }
    if (notice.type === 'rematch-offered' && isRematchAgreed(this.#view.rematches)) this.#goToRematch()
  }

  #goToRematch(): void {
    const offer = chosenRematch(this.#view.rematches)
    if (offer?.secret) this.#host.goTo(playFragment(offer.match, offer.secret))
  }

  #keep(): Promise<void> {
    return this.#kept.keep(summaryOf(this.model), this.#view.lastRecordAt)
  }

  async #act(intent: Intent): Promise<boolean> {
    // The board is there before the network: what is done meanwhile waits for the session.
    const session = await this.#opened
    if (!session) return false
    const acted = await session.act(intent)
    if (!acted.ok && !this.#isClosed) this.#host.fail(refusalSentence(acted.code, acted.detail))
    return acted.ok
  }

  async #accept(): Promise<void> {
    // Nobody has proposed: what is shown is the first guess, so that is proposed and accepted.
    if (this.#view.settling?.proposal === null) {
      const proposed = await this.#act({ type: 'propose', proposal: [...this.#models.deadStones(this.#view)] })
      if (!proposed) return
    }
    await this.#act({ type: 'accept' })
  }

  async #offerRematch(): Promise<void> {
    const { mySeat, clocks } = this.#view
    if (mySeat === null || !clocks) return
    try {
      const seat = mySeat === 0 ? 1 : 0
      const { setup } = this.#view
      const game = await makeGame(this.#host.shelf, { setup, seat, clock: clocks.setting, name: this.#name })
      await this.#act({ type: 'rematch', match: game.match, secret: game.secret })
    } catch {
      this.#host.fail(refusalSentence('session/store-failed'))
    }
  }

  async #publish(): Promise<void> {
    const { seatKey } = this.#slot
    const session = await this.#opened
    if (!session || !seatKey) return
    const records = publishableRecords(session.records)
    const sign = (relay: string) => signPublication(this.#link.match, relay, seatKey)
    const isKept = (await this.#peer?.records.publish({ records, sign })) === true
    if (isKept) {
      this.#isPublished = true
      this.model = this.#build()
      this.#host.tell('The game is in the relay’s archive now.')
    } else this.#host.fail('The relay did not take the game into its archive. Try again in a minute.')
  }

  async #joinRematch(): Promise<void> {
    const { mySeat, rematches } = this.#view
    const theirs = rematches.find(offer => offer.by !== mySeat)
    const isMineThere = rematches.some(offer => offer.by === mySeat)
    // Naming their game as my own offer is how they learn that I said yes.
    if (theirs?.secret && !isMineThere) {
      await this.#act({ type: 'rematch', match: theirs.match, secret: theirs.secret })
    }
    this.#goToRematch()
  }

  #makeActions(): GameActions {
    const act = (intent: Intent): void => void this.#act(intent)
    return {
      play: vertex => act({ type: 'move', move: vertex }),
      pass: () => act({ type: 'pass' }),
      resign: () => act({ type: 'resign' }),
      askUndo: () => act({ type: 'undo-ask' }),
      answerUndo: granted => act({ type: granted ? 'undo-grant' : 'undo-refuse' }),
      toggleDead: vertex => {
        const { state } = this.#view
        if (!state || state.board[vertex] === 0) return
        act({ type: 'propose', proposal: toggleDead(state, this.#models.deadStones(this.#view), vertex) })
      },
      accept: () => void this.#accept(),
      resume: () => act({ type: 'resume' }),
      claimTime: () => act({ type: 'claim-time' }),
      offerRematch: () => void this.#offerRematch(),
      joinRematch: () => void this.#joinRematch(),
      clockOf: (seat, now) => {
        const { clocks } = this.#view
        const reading = clocks?.seats[seat]
        return clocks && reading
          ? clockFace(clocks.setting, reading, now - this.#viewAt, clocks.running === seat)
          : null
      },
      publish: () => void this.#publish(),
      rename: name => {
        this.#opened = this.#rename(name)
      },
      sgf: () => sgfOf(this.model, new Date()),
    }
  }
}

/** Opens the game that a link leads to: what is kept of it is there at once. */
export async function openGame(link: InviteLink, host: GameHost): Promise<OpenGame> {
  const slot = await takeGameSlot(link, host.shelf)
  try {
    const records = await host.shelf.records(slot.key)
    const { state } = machine.open({
      match: link.match,
      peer: '',
      readSecret: link.readSecret,
      ...(link.role === 'play' ? { secret: link.secret } : {}),
      ...(slot.seatKey ? { seatKey: slot.seatKey } : {}),
      records,
      now: Date.now(),
    })
    return new OpenGame(link, slot, host, machine.view(state, Date.now()))
  } catch (error) {
    slot.release()
    throw error
  }
}

function linkTo(fragment: string): string {
  return `${location.origin}${location.pathname}#${fragment}`
}
