import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { MemoryGuard } from './memory-guard.ts'
import { type MemoryLevel, nextLevel } from './memory-level.ts'

/** A guard over a memory of 1,000 bytes. */
function setUp(options: { readonly reclaimed?: () => number } = {}) {
  const state = { used: 500, live: 0, now: 0, batches: 0, reclaims: 0, exhausted: 0 }
  const levels: MemoryLevel[] = []
  const { reclaimed } = options
  const guard = new MemoryGuard({
    limitBytes: 1_000,
    memory: {
      rssBytes: () => state.used,
      liveBytes: () => state.live,
      ...(reclaimed && {
        reclaim() {
          state.reclaims += 1
          state.used -= reclaimed()
        },
      }),
    },
    now: () => state.now,
    onLevel: ({ level }) => levels.push(level),
    shed: () => void (state.batches += 1),
    onExhausted: () => void (state.exhausted += 1),
  })
  const sample = (used: number): MemoryLevel => {
    state.now += 1_000
    state.used = used
    guard.sample()
    return guard.level
  }
  return { guard, state, levels, sample }
}

describe('[B7] the level', () => {
  test('is a warning from 80 %, shedding from 90 % until below 85 %, and does not flutter at its edges', () => {
    const { sample } = setUp()
    expect([799, 800, 785, 779, 800].map(sample)).toEqual(['normal', 'warn', 'warn', 'normal', 'warn'])
    expect([899, 900, 880, 850, 849, 880].map(sample)).toEqual(['warn', 'shed', 'shed', 'shed', 'warn', 'warn'])
  })

  test('ends the relay after five samples in a row at 95 %, once, and not after four', () => {
    const { sample, state, levels } = setUp()
    for (const used of [950, 960, 970, 999, 940, 950, 950, 950, 950]) sample(used)
    expect(state.exhausted).toBe(0)
    expect(sample(950)).toBe('drain')
    for (const used of [990, 100]) expect(sample(used)).toBe('drain')
    expect(state.exhausted).toBe(1)
    expect(levels).toEqual(['shed', 'drain'])
  })

  test('depends on memory alone: whatever came before, 90 % sheds and below 78 % is normal', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.949, noNaN: true })), shares => {
        const level = shares.reduce<MemoryLevel>(nextLevel, 'normal')
        expect(nextLevel(level, 0.9)).toBe('shed')
        expect(nextLevel(level, 0.779)).toBe('normal')
        expect(nextLevel('drain', shares[0] ?? 0)).toBe('drain')
      }),
    )
  })
})

describe('[A7] what is in use', () => {
  test('is less once much was freed, although the allocator keeps it, and although memory was never scarce', () => {
    const { state, sample, guard } = setUp({ reclaimed: () => 0 })
    state.live = 500
    for (let second = 0; second < 700; second += 1) sample(720)
    expect(guard.share).toBe(0.72)
    const { reclaims } = state
    expect(reclaims).toBeLessThan(7)
    state.live = 340
    for (let second = 0; second < 30; second += 1) sample(720)
    expect(guard.share).toBe(0.56)
    for (let second = 0; second < 100; second += 1) sample(720)
    expect(state.reclaims).toBe(reclaims + 1)
  })

  test('is not looked for while there is plenty', () => {
    const { state, sample } = setUp({ reclaimed: () => 0 })
    for (let second = 0; second < 700; second += 1) sample(690)
    expect(state.reclaims).toBe(0)
  })
})

describe('[B7] shedding', () => {
  test('goes in batches, with time between them for what was freed to be collected', () => {
    const { sample, state } = setUp()
    for (let second = 0; second < 21; second += 1) sample(900)
    expect(state.batches).toBe(3)
    sample(840)
    for (let second = 0; second < 20; second += 1) sample(840)
    expect(state.batches).toBe(3)
  })

  test('begins only when what is free has been given back and it is still too much', () => {
    const garbage = setUp({ reclaimed: () => 400 })
    expect(garbage.sample(940)).toBe('normal')
    expect(garbage.state).toMatchObject({ reclaims: 1, batches: 0 })
    const real = setUp({ reclaimed: () => 10 })
    expect(real.sample(940)).toBe('shed')
    expect(real.state).toMatchObject({ reclaims: 1, batches: 1 })
  })

  test('collects before each batch, and less and less often where it is of no use', () => {
    const { sample, state } = setUp({ reclaimed: () => 0 })
    for (let second = 0; second < 10; second += 1) sample(920)
    expect(state).toMatchObject({ reclaims: 5, batches: 5 })
    state.reclaims = 0
    for (let second = 0; second < 1_200; second += 1) sample(820)
    expect(state.reclaims).toBeLessThan(7)
  })

  test('is not for garbage, however fast it comes: between collections the level does not rise', () => {
    const { state, levels, sample } = setUp({ reclaimed: () => state.used - 600 })
    for (let second = 0; second < 60; second += 1) sample(600 + second * 6)
    for (let second = 0; second < 60; second += 1) sample(999)
    expect(levels).toEqual([])
    expect(state).toMatchObject({ batches: 0, exhausted: 0 })
  })

  test('stops when enough was freed, although the allocator keeps it; what comes then may use that first', () => {
    const { state, sample } = setUp({ reclaimed: () => 0 })
    state.live = 500
    expect(sample(920)).toBe('shed')
    state.live = 450
    expect([920, 920].map(sample)).toEqual(['shed', 'shed'])
    state.live = 390
    expect([920, 920].map(sample).at(-1)).toBe('warn')
    const { batches } = state
    for (let second = 0; second < 60; second += 1) sample(920)
    expect(state.batches).toBe(batches)
    state.live = 520
    for (let second = 0; second < 700; second += 1) sample(940)
    expect(state.batches).toBeGreaterThan(batches)
  })

  test('counts what grows outside the heap as used, whatever was freed on it before', () => {
    const { state, sample } = setUp({ reclaimed: () => 0 })
    state.live = 500
    sample(920)
    state.live = 400
    for (let second = 0; second < 4; second += 1) sample(820)
    for (let second = 0; second < 10; second += 1) sample(960)
    expect(state.exhausted).toBe(1)
  })

  test('ends the relay all the same when what cannot be collected stays', () => {
    const { state, sample } = setUp({ reclaimed: () => 0 })
    for (let second = 0; second < 5; second += 1) sample(960)
    expect(state.exhausted).toBe(1)
  })
})
