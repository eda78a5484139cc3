/** Small numbers for names, so that a table keeps each text once. A name is kept as long as somebody holds it; its number is then given out again. */
export class HeldNames {
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []
  readonly #holds: number[] = []
  readonly #free: number[] = []

  /** Names that are held. */
  get size(): number {
    return this.#numbers.size
  }

  /** The name's number, a new one when nobody held it. Each hold needs its {@link release}. */
  hold(name: string): number {
    const number = this.#numbers.get(name) ?? this.#add(name)
    this.#holds[number] = this.count(number) + 1
    return number
  }

  find(name: string): number | undefined {
    return this.#numbers.get(name)
  }

  get(number: number): string {
    return this.#names[number] ?? ''
  }

  /** How often a name is held. */
  count(number: number): number {
    return this.#holds[number] ?? 0
  }

  release(number: number): void {
    const left = this.count(number) - 1
    if (left < 0) return
    this.#holds[number] = left
    if (left > 0) return
    this.#numbers.delete(this.get(number))
    this.#names[number] = ''
    this.#free.push(number)
  }

  #add(name: string): number {
    const number = this.#free.pop() ?? this.#names.length
    this.#names[number] = name
    this.#numbers.set(name, number)
    return number
  }
}
