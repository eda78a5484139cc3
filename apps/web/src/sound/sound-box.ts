/** What can be heard. */
export type SoundName = 'stone' | 'capture' | 'pass' | 'turn' | 'end'

/**
 * The page's sounds, synthesised: no file is loaded. Browsers allow sound only after the user has touched the page, so the
 * audio context is made at the first gesture, and what should have sounded before stays silent.
 */
export class SoundBox {
  #context: AudioContext | null = null
  #noise: AudioBuffer | null = null
  muted: boolean

  constructor(muted: boolean) {
    this.muted = muted
  }

  /** To be called from a click or key. */
  unlock(): void {
    if (this.#context || typeof AudioContext === 'undefined') return
    this.#context = new AudioContext({ latencyHint: 'interactive' })
  }

  play(name: SoundName): void {
    const context = this.#context
    if (!context || this.muted) return
    if (context.state === 'suspended') void context.resume()
    const now = context.currentTime + 0.005
    switch (name) {
      case 'stone':
        this.#click(context, now, 1)
        break
      case 'capture':
        this.#click(context, now, 1)
        for (const [delay, level] of [
          [0.09, 0.4],
          [0.15, 0.3],
          [0.19, 0.22],
        ] as const) {
          this.#click(context, now + delay, level)
        }
        break
      case 'pass':
        this.#tone(context, now, 330, 0.35, 0.08)
        break
      case 'turn':
        this.#tone(context, now, 660, 0.5, 0.06)
        this.#tone(context, now + 0.09, 880, 0.6, 0.05)
        break
      case 'end':
        for (const [index, pitch] of [392, 494, 587].entries())
          this.#tone(context, now + index * 0.08, pitch, 1.1, 0.06)
        break
    }
  }

  /** A stone on wood: a very short burst of noise, and the board's low answer. */
  #click(context: AudioContext, at: number, level: number): void {
    const burst = context.createBufferSource()
    burst.buffer = this.#noise ??= makeNoise(context)
    const band = context.createBiquadFilter()
    band.type = 'bandpass'
    band.frequency.value = 2_300
    band.Q.value = 1.1
    const loudness = context.createGain()
    loudness.gain.setValueAtTime(0.5 * level, at)
    loudness.gain.exponentialRampToValueAtTime(0.0005, at + 0.045)
    burst.connect(band).connect(loudness).connect(context.destination)
    burst.start(at, 0, 0.06)
    this.#tone(context, at, 190, 0.09, 0.22 * level)
  }

  #tone(context: AudioContext, at: number, pitch: number, seconds: number, level: number): void {
    const wave = context.createOscillator()
    wave.type = 'sine'
    wave.frequency.setValueAtTime(pitch, at)
    const loudness = context.createGain()
    loudness.gain.setValueAtTime(0, at)
    loudness.gain.linearRampToValueAtTime(level, at + 0.006)
    loudness.gain.exponentialRampToValueAtTime(0.0004, at + seconds)
    wave.connect(loudness).connect(context.destination)
    wave.start(at)
    wave.stop(at + seconds + 0.02)
  }
}

function makeNoise(context: AudioContext): AudioBuffer {
  const buffer = context.createBuffer(1, Math.ceil(context.sampleRate * 0.06), context.sampleRate)
  const samples = buffer.getChannelData(0)
  for (let index = 0; index < samples.length; index++) samples[index] = Math.random() * 2 - 1
  return buffer
}
