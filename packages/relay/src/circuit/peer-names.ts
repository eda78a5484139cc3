/** Small numbers for peer ids, so that a table keeps each text once. A number that was released is given out again. */
export class PeerNames {
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []
  readonly #free: number[] = []

  /** The peer's number, a new one when it has none. */
  hold(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#free.pop() ?? this.#names.length
    this.#names[number] = name
    this.#numbers.set(name, number)
    return number
  }

  find(name: string): number | undefined {
    return this.#numbers.get(name)
  }

  get(number: number): string {
    return this.#names[number] ?? ''
  }

  release(number: number): void {
    this.#numbers.delete(this.get(number))
    this.#names[number] = ''
    this.#free.push(number)
  }
}
