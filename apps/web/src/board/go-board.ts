import { formatVertex, starPoints } from '@tsugi/go'
import { LitElement, type TemplateResult, html, nothing, svg } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'

import { moveCursor } from './cursor.ts'
import { boardViewBox, coordinateHeight, gridPath, lineWidth, marginOf, pointOf, vertexNear } from './geometry.ts'
import { positionText } from './position-text.ts'

/** What a click or Enter on the board means: nothing, a stone of the colour in `ghost`, or toggling the group there. */
export type BoardMode = 'still' | 'play' | 'mark'

/** The event by which the board tells what was chosen: `board-choose`, with `aimed` when touch should confirm it first. */
export interface BoardChoice {
  readonly vertex: number
  /** True when the finger is too coarse for this board, so that a second tap or a button must confirm. */
  readonly aimed: boolean
}

/** Below this distance between lines, in CSS pixels, a tap aims and a second one places. */
const directTapPx = 32

const noPoints: ReadonlySet<number> = new Set()
let instances = 0

/**
 * The board, drawn as one SVG. It knows nothing of rules or players: it draws what its properties say and tells what
 * was chosen by `board-choose` ({@link BoardChoice}).
 *
 * To a screen reader it is a grid of named points with one cursor; the arrow keys, Home, End, Page Up and Page Down move
 * it and Enter chooses.
 */
export class GoBoard extends LitElement {
  static override properties = {
    size: { type: Number },
    stones: { attribute: false },
    mode: { type: String },
    ghost: { type: String },
    lastMove: { attribute: false },
    ko: { attribute: false },
    dead: { attribute: false },
    owners: { attribute: false },
    aim: { attribute: false },
    history: { type: Boolean },
    plain: { type: Boolean },
    label: { type: String },
    ply: { type: Number },
    turn: { type: String },
    hover: { state: true },
    cursor: { state: true },
  }

  declare size: number
  /** One byte a point: 0 empty, 1 black, 2 white. */
  declare stones: Uint8Array
  declare mode: BoardMode
  /** The colour of the stone that a choice would place. */
  declare ghost: 'black' | 'white' | null
  declare lastMove: number | null
  declare ko: number | null
  /** Stones marked dead. */
  declare dead: ReadonlySet<number>
  /** Whose territory each point is: 0 nobody's, 1 Black's, 2 White's; null while nothing is counted. */
  declare owners: Uint8Array | null
  /** The point aimed at by touch, to be confirmed. */
  declare aim: number | null
  /** Whether an earlier position is shown. */
  declare history: boolean
  /** Without coordinates, cells and keyboard: a picture. */
  declare plain: boolean
  declare label: string
  declare ply: number
  declare turn: string
  declare hover: number | null
  declare cursor: number | null

  readonly #id = `board${++instances}`
  #pointerType = 'mouse'

  constructor() {
    super()
    this.size = 19
    this.stones = new Uint8Array(361)
    this.mode = 'still'
    this.ghost = null
    this.lastMove = null
    this.ko = null
    this.dead = noPoints
    this.owners = null
    this.aim = null
    this.history = false
    this.plain = false
    this.label = 'Board'
    this.ply = 0
    this.turn = ''
    this.hover = null
    this.cursor = null
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult {
    const { size } = this
    const room = marginOf(size, !this.plain)
    const far = size - 1 + room
    const grid = !this.plain
    return html`<svg
      class="board ${this.mode} ${this.history ? 'history' : ''}"
      viewBox=${boardViewBox(size, room)}
      role=${grid ? 'grid' : 'img'}
      tabindex=${grid ? 0 : nothing}
      aria-label=${this.label}
      aria-readonly=${grid ? String(this.mode === 'still') : nothing}
      aria-activedescendant=${grid && this.cursor !== null ? `${this.#id}-${this.cursor}` : nothing}
      data-testid=${grid ? 'board' : 'board-picture'}
      data-position=${positionText(this.stones)}
      data-size=${size}
      data-ply=${this.ply}
      data-turn=${this.turn}
      @pointerdown=${this.#onPointerDown}
      @pointermove=${this.#onPointerMove}
      @pointerleave=${this.#onPointerLeave}
      @click=${this.#onClick}
      @keydown=${this.#onKeyDown}
      @focus=${this.#onFocus}
      @blur=${this.#onBlur}
    >
      ${guard(
        [size, this.plain],
        () => svg`
        <defs>
          <radialGradient id="${this.#id}-black" cx="0.36" cy="0.3" r="0.75">
            <stop class="black-light" offset="0" /><stop class="black-deep" offset="1" />
          </radialGradient>
          <radialGradient id="${this.#id}-white" cx="0.36" cy="0.3" r="0.8">
            <stop class="white-light" offset="0.35" /><stop class="white-deep" offset="1" />
          </radialGradient>
        </defs>
        <rect class="wood" x=${-room} y=${-room} width=${far + room} height=${far + room} />
        <path class="lines" stroke-width=${lineWidth(size)} d=${gridPath(size)} />
        <rect class="frame" stroke-width=${2 * lineWidth(size)} x="0" y="0" width=${size - 1} height=${size - 1} />
        ${starPoints(size).map(vertex => {
          const { x, y } = pointOf(vertex, size)
          return svg`<circle class="star" cx=${x} cy=${y} r="0.1" />`
        })}
        ${this.plain ? nothing : this.#coordinates(room)}
      `,
      )}
      <g aria-hidden="true">${this.#marksBelow()} ${this.#drawnStones()} ${this.#marksAbove()}</g>
      ${grid ? this.#cells() : nothing}
    </svg>`
  }

  #coordinates(room: number): TemplateResult {
    const { size } = this
    const off = (room + 0.48) / 2
    const labels: TemplateResult[] = []
    for (let line = 0; line < size; line++) {
      const column = formatVertex(line, size)[0]
      const row = size - line
      labels.push(svg`
        <text x=${line} y=${-off}>${column}</text><text x=${line} y=${size - 1 + off}>${column}</text>
        <text x=${-off} y=${line}>${row}</text><text x=${size - 1 + off} y=${line}>${row}</text>`)
    }
    return svg`<g class="coordinates" font-size=${coordinateHeight(size)} aria-hidden="true">${labels}</g>`
  }

  #drawnStones(): unknown {
    const standing: number[] = []
    this.stones.forEach((stone, vertex) => {
      if (stone !== 0) standing.push(vertex)
    })
    return repeat(
      standing,
      vertex => vertex * 3 + (this.stones[vertex] ?? 0),
      vertex => {
        const black = this.stones[vertex] === 1
        const fresh = vertex === this.lastMove ? 'fresh' : ''
        return this.#stone(vertex, black, `${fresh} ${this.dead.has(vertex) ? 'dead' : ''}`)
      },
    )
  }

  #stone(vertex: number, black: boolean, classes: string): TemplateResult {
    const { x, y } = pointOf(vertex, this.size)
    return svg`<g class="stone ${black ? 'black' : 'white'} ${classes}" transform="translate(${x} ${y})">
      <circle class="shade" cx="0.03" cy="0.06" r="0.47" />
      <circle class="body" r="0.47" fill="url(#${this.#id}-${black ? 'black' : 'white'})" />
    </g>`
  }

  #marksBelow(): unknown {
    const cross = this.aim
    if (cross === null) return nothing
    const { x, y } = pointOf(cross, this.size)
    const end = this.size - 1
    return svg`<path class="crosshair" d="M0 ${y}H${end}M${x} 0V${end}" />`
  }

  #marksAbove(): unknown {
    return [
      this.owners ? this.#territory(this.owners) : nothing,
      this.ko === null ? nothing : this.#koMark(this.ko),
      this.lastMove === null || this.owners ? nothing : this.#lastMark(this.lastMove),
      this.#ghostStone(),
      this.cursor === null ? nothing : this.#cursorMark(this.cursor),
    ]
  }

  #territory(owners: Uint8Array): TemplateResult[] {
    const marks: TemplateResult[] = []
    owners.forEach((owner, vertex) => {
      const stone = this.stones[vertex]
      if (owner === 0 || (stone !== 0 && !this.dead.has(vertex))) return
      const { x, y } = pointOf(vertex, this.size)
      marks.push(
        svg`<rect class="owner ${owner === 1 ? 'black' : 'white'}" x=${x - 0.15} y=${y - 0.15} width="0.3" height="0.3" rx="0.05" />`,
      )
    })
    return marks
  }

  #koMark(vertex: number): TemplateResult {
    const { x, y } = pointOf(vertex, this.size)
    return svg`<rect class="ko" x=${x - 0.24} y=${y - 0.24} width="0.48" height="0.48" rx="0.04" />`
  }

  #lastMark(vertex: number): TemplateResult {
    const { x, y } = pointOf(vertex, this.size)
    return svg`<circle class="last ${this.stones[vertex] === 1 ? 'on-black' : 'on-white'}" cx=${x} cy=${y} r="0.21" />`
  }

  #ghostStone(): unknown {
    const vertex = this.aim ?? this.hover
    if (this.mode !== 'play' || vertex === null || this.ghost === null || this.stones[vertex] !== 0) return nothing
    return this.#stone(vertex, this.ghost === 'black', this.aim === null ? 'ghost' : 'ghost aimed')
  }

  #cursorMark(vertex: number): TemplateResult {
    const { x, y } = pointOf(vertex, this.size)
    return svg`<rect class="cursor" x=${x - 0.5} y=${y - 0.5} width="1" height="1" rx="0.12" />`
  }

  #cells(): TemplateResult[] {
    const rows: TemplateResult[] = []
    for (let row = 0; row < this.size; row++) {
      const cells: TemplateResult[] = []
      for (let column = 0; column < this.size; column++) {
        const vertex = row * this.size + column
        cells.push(svg`<rect
          id="${this.#id}-${vertex}" class="cell" role="gridcell" aria-label=${this.#nameOf(vertex)}
          x=${column - 0.5} y=${row - 0.5} width="1" height="1" />`)
      }
      rows.push(svg`<g role="row">${cells}</g>`)
    }
    return rows
  }

  /** What a screen reader says of a point: `D4, black, last move`. */
  #nameOf(vertex: number): string {
    const stone = this.stones[vertex]
    let name = `${formatVertex(vertex, this.size)}, ${stone === 1 ? 'black' : stone === 2 ? 'white' : 'empty'}`
    if (this.dead.has(vertex)) name += ', marked dead'
    if (vertex === this.lastMove) name += ', last move'
    if (vertex === this.ko) name += ', ko'
    const owner = this.owners?.[vertex] ?? 0
    if (owner !== 0 && (stone === 0 || this.dead.has(vertex)))
      name += owner === 1 ? ', Black’s point' : ', White’s point'
    return name
  }

  #vertexOf(event: MouseEvent): number | null {
    const drawing = event.currentTarget as SVGSVGElement
    const matrix = drawing.getScreenCTM()
    if (!matrix) return null
    return vertexNear(new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()), this.size)
  }

  readonly #onPointerDown = (event: PointerEvent): void => {
    this.#pointerType = event.pointerType
  }

  readonly #onPointerMove = (event: PointerEvent): void => {
    if (event.pointerType !== 'mouse' || this.mode === 'still') return
    this.hover = this.#vertexOf(event)
    this.cursor = null
  }

  readonly #onPointerLeave = (): void => {
    this.hover = null
  }

  readonly #onClick = (event: MouseEvent): void => {
    const vertex = this.#vertexOf(event)
    if (vertex === null || this.mode === 'still') return
    this.cursor = null
    const drawing = event.currentTarget as SVGSVGElement
    const step = drawing.getBoundingClientRect().width / (this.size - 1 + 2 * marginOf(this.size, true))
    const coarse = this.#pointerType !== 'mouse' && step < directTapPx
    this.#choose(vertex, this.mode === 'play' && coarse && vertex !== this.aim)
  }

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const moved = moveCursor(this.cursor, this.size, event.key)
    if (moved !== null) {
      this.cursor = moved
      this.hover = null
    } else if ((event.key === 'Enter' || event.key === ' ') && this.cursor !== null && this.mode !== 'still') {
      this.#choose(this.cursor, false)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  readonly #onFocus = (event: FocusEvent): void => {
    if (this.plain || !(event.currentTarget as Element).matches(':focus-visible')) return
    this.cursor ??= this.lastMove ?? moveCursor(null, this.size, 'Home')
  }

  readonly #onBlur = (): void => {
    this.cursor = null
  }

  #choose(vertex: number, aimed: boolean): void {
    this.dispatchEvent(new CustomEvent<BoardChoice>('board-choose', { detail: { vertex, aimed }, bubbles: true }))
  }
}

customElements.define('go-board', GoBoard)
