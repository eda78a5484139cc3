/** The kinds of clock that the form offers. */
export type ClockKind = 'none' | 'fischer' | 'byo-yomi' | 'canadian' | 'absolute'

/** A clock as the form holds it: minutes and seconds, as people say it. Fields that a kind does not use are ignored. */
export interface ClockChoice {
  readonly kind: ClockKind
  readonly mainMinutes: number
  /** Fischer: seconds added after each move. */
  readonly incrementSeconds: number
  /** Byo-yomi: how many periods. */
  readonly periods: number
  /** Byo-yomi and Canadian: how long one period is. */
  readonly periodSeconds: number
  /** Canadian: moves to make in one period. */
  readonly moves: number
}

/** A choice of clock with a name. */
export interface ClockPreset {
  readonly name: string
  readonly choice: ClockChoice
}

const base: ClockChoice = {
  kind: 'none',
  mainMinutes: 10,
  incrementSeconds: 10,
  periods: 5,
  periodSeconds: 30,
  moves: 20,
}

/** What each kind of clock is called, and what it does, in one sentence. */
export const clockKinds: readonly { readonly kind: ClockKind; readonly name: string; readonly says: string }[] = [
  { kind: 'none', name: 'No clock', says: 'Take all the time you like.' },
  { kind: 'fischer', name: 'Fischer', says: 'Each move adds a little time.' },
  { kind: 'byo-yomi', name: 'Byo-yomi', says: 'After the main time, one move in each period.' },
  { kind: 'canadian', name: 'Canadian', says: 'After the main time, several moves in each period.' },
  { kind: 'absolute', name: 'Absolute', says: 'One amount of time for the whole game.' },
]

/** Quick, normal and slow, for a kind of clock. Choosing a kind fills in the normal one. */
export function clockPresets(kind: ClockKind): readonly ClockPreset[] {
  const preset = (name: string, change: Partial<ClockChoice>): ClockPreset => ({
    name,
    choice: { ...base, kind, ...change },
  })
  switch (kind) {
    case 'none':
      return []
    case 'fischer':
      return [
        preset('Quick', { mainMinutes: 3, incrementSeconds: 5 }),
        preset('Normal', { mainMinutes: 10, incrementSeconds: 10 }),
        preset('Slow', { mainMinutes: 30, incrementSeconds: 30 }),
      ]
    case 'byo-yomi':
      return [
        preset('Quick', { mainMinutes: 3, periods: 3, periodSeconds: 15 }),
        preset('Normal', { mainMinutes: 10, periods: 5, periodSeconds: 30 }),
        preset('Slow', { mainMinutes: 45, periods: 5, periodSeconds: 60 }),
      ]
    case 'canadian':
      return [
        preset('Quick', { mainMinutes: 3, moves: 15, periodSeconds: 180 }),
        preset('Normal', { mainMinutes: 10, moves: 20, periodSeconds: 300 }),
        preset('Slow', { mainMinutes: 45, moves: 20, periodSeconds: 600 }),
      ]
    case 'absolute':
      return [
        preset('Quick', { mainMinutes: 5 }),
        preset('Normal', { mainMinutes: 20 }),
        preset('Slow', { mainMinutes: 60 }),
      ]
  }
}

/** What the form starts with for a kind of clock. */
export function normalClock(kind: ClockKind): ClockChoice {
  return clockPresets(kind)[1]?.choice ?? { ...base, kind }
}
