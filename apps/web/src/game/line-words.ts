import type { LineModel } from './game-model.ts'

/** What the chip says. */
export function lineLabel(line: LineModel): string {
  const trip = line.roundTripMs === null ? '' : ` · ${Math.max(1, Math.round(line.roundTripMs))} ms`
  switch (line.kind) {
    case 'direct':
      return `Direct${trip}`
    case 'relayed':
      return `Relayed${trip}`
    case 'route':
      return 'Through the relay'
    case 'alone':
      return 'Nobody here yet'
    case 'offline':
      return 'Offline'
  }
}

/** What it means, and why. */
export function lineSentence(line: LineModel): string {
  const why = line.reason === '' ? '' : ` ${line.reason}`
  switch (line.kind) {
    case 'direct':
      return `Your moves travel straight to your opponent’s browser, through nobody’s server.${why}`
    case 'relayed':
      return `The relay passes your moves on, encrypted, and cannot read them. A direct line is tried in the background.${why}`
    case 'route':
      return `The relay passes your moves on, encrypted, as it does for everyone in this game.${why}`
    case 'alone':
      return `Your opponent is not connected. What you do is kept and sent when they are back.${why}`
    case 'offline':
      return `You are not connected. What you do is kept on this device and sent as soon as the relay can be reached.${why}`
  }
}

/** The three kinds that tests and styles tell apart. */
export function lineTone(line: LineModel): 'direct' | 'relayed' | 'offline' {
  if (line.kind === 'direct') return 'direct'
  return line.kind === 'relayed' || line.kind === 'route' ? 'relayed' : 'offline'
}
