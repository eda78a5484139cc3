import { BLACK, EMPTY, WHITE } from './color.ts'

/** Marks the frame around the board, which saves every look at an edge. */
const FRAME = 3

/**
 * Plays positions out to the end by random moves, quickly: on one board that it changes in place, chains kept as rings with a
 * count of the sides of stones that face an empty point (pseudo-liberties: none left means captured). Moves are not
 * quite by the rules: a player never fills an own eye, and repetition beyond simple ko is bounded by a number of moves.
 */
export class Playout {
  readonly #size: number
  readonly #width: number
  readonly #vertexOf: Int16Array
  readonly #board: Uint8Array
  /** One stone of the chain that a stone belongs to, which stands for the whole chain. */
  readonly #head: Int16Array
  /** The next stone in the ring of the chain. */
  readonly #next: Int16Array
  /** Pseudo-liberties, valid at heads. */
  readonly #liberties: Int16Array
  /** Empty points in any order, and where each stands in that list. */
  readonly #empty: Int16Array
  readonly #emptyAt: Int16Array
  #emptyCount = 0
  #ko = -1
  #random: number

  /** @param seed any 32-bit number; the same seed and calls give the same games */
  constructor(size: number, seed: number) {
    this.#size = size
    this.#width = size + 2
    const points = this.#width * this.#width
    this.#board = new Uint8Array(points)
    this.#head = new Int16Array(points)
    this.#next = new Int16Array(points)
    this.#liberties = new Int16Array(points)
    this.#empty = new Int16Array(size * size)
    this.#emptyAt = new Int16Array(points)
    this.#vertexOf = Int16Array.from(
      { length: size * size },
      (_, vertex) => (Math.floor(vertex / size) + 1) * this.#width + (vertex % size) + 1,
    )
    this.#random = seed | 1
  }

  /**
   * Plays one game to its end and adds its outcome to `sums`: one more where Black owns the point, one less where White does.
   *
   * @param start the board to start from, `size * size` vertices
   */
  run(start: Readonly<Uint8Array>, firstToPlay: number, sums: Int16Array): void {
    this.#load(start)
    let stone = firstToPlay
    let passes = 0
    for (let moves = 3 * this.#size * this.#size; moves > 0 && passes < 2; moves--) {
      passes = this.#playAny(stone) ? 0 : passes + 1
      stone = BLACK + WHITE - stone
    }
    for (let vertex = 0; vertex < sums.length; vertex++) {
      const owner = this.#ownerOf(this.#vertexOf[vertex] ?? 0)
      if (owner !== EMPTY) sums[vertex] = (sums[vertex] ?? 0) + (owner === BLACK ? 1 : -1)
    }
  }

  #load(start: Readonly<Uint8Array>): void {
    this.#board.fill(FRAME)
    this.#emptyCount = 0
    this.#ko = -1
    for (const point of this.#vertexOf) {
      this.#board[point] = EMPTY
      this.#addEmpty(point)
    }
    for (let vertex = 0; vertex < start.length; vertex++) {
      const stone = start[vertex] ?? EMPTY
      if (stone !== EMPTY) this.#place(this.#vertexOf[vertex] ?? 0, stone)
    }
    this.#ko = -1
  }

  /** Plays somewhere, from a random place in the list of empty points on; answers whether there was a move. */
  #playAny(stone: number): boolean {
    const count = this.#emptyCount
    let at = count > 0 ? this.#below(count) : 0
    for (let tried = 0; tried < count; tried++) {
      const point = this.#empty[at] ?? 0
      if (this.#mayPlay(point, stone)) {
        this.#place(point, stone)
        return true
      }
      if (++at === count) at = 0
    }
    return false
  }

  #mayPlay(point: number, stone: number): boolean {
    if (point === this.#ko) return false
    const board = this.#board
    const width = this.#width
    const a = board[point - 1] ?? FRAME
    const b = board[point + 1] ?? FRAME
    const c = board[point - width] ?? FRAME
    const d = board[point + width] ?? FRAME
    if (a === EMPTY || b === EMPTY || c === EMPTY || d === EMPTY) return true
    const other = BLACK + WHITE - stone
    if (a !== other && b !== other && c !== other && d !== other && this.#isEye(point, other)) return false
    // Without an empty neighbour: allowed when it takes something, or joins a chain that keeps a liberty.
    this.#count(point, -1)
    const works =
      this.#helps(a, point - 1, stone) ||
      this.#helps(b, point + 1, stone) ||
      this.#helps(c, point - width, stone) ||
      this.#helps(d, point + width, stone)
    this.#count(point, 1)
    return works
  }

  /** Whether a neighbour makes a move possible, with the liberty of the move already taken off its count. */
  #helps(content: number, neighbour: number, stone: number): boolean {
    if (content === FRAME) return false
    const liberties = this.#liberties[this.#head[neighbour] ?? 0] ?? 0
    return content === stone ? liberties > 0 : liberties === 0
  }

  /** Whether a point that only own stones surround is a real eye: the opponent holds at most one corner, none at an edge. */
  #isEye(point: number, other: number): boolean {
    const board = this.#board
    const width = this.#width
    const corners = [point - width - 1, point - width + 1, point + width - 1, point + width + 1]
    let taken = 0
    let isAtEdge = 0
    for (const corner of corners) {
      if (board[corner] === other) taken++
      else if (board[corner] === FRAME) isAtEdge = 1
    }
    return taken + isAtEdge < 2
  }

  /** Adds to the pseudo-liberties of the chains next to a point, once for each side that they show to it. */
  #count(point: number, by: number): void {
    this.#countAt(point - 1, by)
    this.#countAt(point + 1, by)
    this.#countAt(point - this.#width, by)
    this.#countAt(point + this.#width, by)
  }

  #countAt(neighbour: number, by: number): void {
    const content = this.#board[neighbour]
    if (content !== BLACK && content !== WHITE) return
    const head = this.#head[neighbour] ?? 0
    this.#liberties[head] = (this.#liberties[head] ?? 0) + by
  }

  #place(point: number, stone: number): void {
    const board = this.#board
    const width = this.#width
    this.#removeEmpty(point)
    board[point] = stone
    this.#head[point] = point
    this.#next[point] = point
    this.#liberties[point] =
      (board[point - 1] === EMPTY ? 1 : 0) +
      (board[point + 1] === EMPTY ? 1 : 0) +
      (board[point - width] === EMPTY ? 1 : 0) +
      (board[point + width] === EMPTY ? 1 : 0)
    this.#count(point, -1)
    const taken =
      this.#meet(point, point - 1, stone) +
      this.#meet(point, point + 1, stone) +
      this.#meet(point, point - width, stone) +
      this.#meet(point, point + width, stone)
    // #meet answers the stones taken; the ko point is the last one taken, and only kept where exactly one was.
    const isAlone = this.#next[point] === point && this.#liberties[point] === 1
    if (taken !== 1 || !isAlone) this.#ko = -1
  }

  /** Joins the chain of a neighbour of the same colour, or takes one of the other that has no liberty; answers how many it took. */
  #meet(point: number, neighbour: number, stone: number): number {
    const content = this.#board[neighbour]
    if (content === EMPTY || content === FRAME) return 0
    const head = this.#head[neighbour] ?? 0
    if (content === stone) {
      if (head !== this.#head[point]) this.#join(head, this.#head[point] ?? 0)
      return 0
    }
    return this.#liberties[head] === 0 ? this.#take(head) : 0
  }

  #join(into: number, from: number): void {
    let stone = from
    do {
      this.#head[stone] = into
      stone = this.#next[stone] ?? from
    } while (stone !== from)
    this.#liberties[into] = (this.#liberties[into] ?? 0) + (this.#liberties[from] ?? 0)
    // Exchanging two links of two rings makes them one.
    const after = this.#next[into] ?? into
    this.#next[into] = this.#next[from] ?? from
    this.#next[from] = after
  }

  #take(head: number): number {
    let taken = 0
    let stone = head
    do {
      this.#board[stone] = EMPTY
      this.#addEmpty(stone)
      this.#ko = stone
      taken++
      stone = this.#next[stone] ?? head
    } while (stone !== head)
    do {
      this.#count(stone, 1)
      stone = this.#next[stone] ?? head
    } while (stone !== head)
    return taken
  }

  #addEmpty(point: number): void {
    this.#emptyAt[point] = this.#emptyCount
    this.#empty[this.#emptyCount++] = point
  }

  #removeEmpty(point: number): void {
    const at = this.#emptyAt[point] ?? 0
    const last = this.#empty[--this.#emptyCount] ?? 0
    this.#empty[at] = last
    this.#emptyAt[last] = at
  }

  /** A stone's colour, or the colour of the stones next to an empty point where they are of one colour. */
  #ownerOf(point: number): number {
    const board = this.#board
    const content = board[point] ?? EMPTY
    if (content !== EMPTY) return content
    let around = 0
    for (const neighbour of [point - 1, point + 1, point - this.#width, point + this.#width]) {
      const stone = board[neighbour] ?? FRAME
      if (stone !== FRAME) around |= stone
    }
    return around === BLACK || around === WHITE ? around : EMPTY
  }

  /** A number from 0 to `limit - 1` (xorshift32). */
  #below(limit: number): number {
    let random = this.#random
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    this.#random = random
    return Math.floor(((random >>> 0) / 0x1_0000_0000) * limit)
  }
}
