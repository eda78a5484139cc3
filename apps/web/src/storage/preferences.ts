/** What this device remembers of its user. Kept in localStorage; where that is forbidden, for the tab's life. */
export interface Preferences {
  readonly name: string
  readonly theme: 'auto' | 'light' | 'dark'
  readonly muted: boolean
  /** The last setup that was chosen, as the form wrote it. */
  readonly setup: string
}

const key = 'tsugi:preferences'
const defaults: Preferences = { name: '', theme: 'auto', muted: false, setup: '' }
let current: Preferences | undefined

/** The preferences in force. */
export function readPreferences(): Preferences {
  current ??= parsePreferences(stored())
  return current
}

/** Changes some of them. */
export function writePreferences(change: Partial<Preferences>): Preferences {
  current = { ...readPreferences(), ...change }
  try {
    localStorage.setItem(key, JSON.stringify(current))
  } catch {
    // Forbidden or full: remembered until the tab closes.
  }
  return current
}

/** Reads what was stored; whatever is not as expected falls back to its default. */
export function parsePreferences(text: string | null): Preferences {
  let value: unknown
  try {
    value = JSON.parse(text ?? '{}')
  } catch {
    return defaults
  }
  if (typeof value !== 'object' || value === null) return defaults
  const { name, theme, muted, setup } = value as Record<string, unknown>
  return {
    name: typeof name === 'string' ? name.slice(0, 32) : defaults.name,
    theme: theme === 'light' || theme === 'dark' ? theme : defaults.theme,
    muted: muted === true,
    setup: typeof setup === 'string' ? setup.slice(0, 2_000) : defaults.setup,
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
