import { TaskGroup } from '@tsugi/bounded'
import { type PeerId, decodeAnnouncement, encodeAnnouncement } from '@tsugi/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { Presence } from './presence.ts'

const other = 'other' as PeerId
const third = 'third' as PeerId
const here = encodeAnnouncement({ kind: 'here', addresses: ['/ip4/1.2.3.4'] })
const bye = encodeAnnouncement({ kind: 'bye', addresses: [] })

function open(recipients: () => number = () => 1) {
  const said: string[] = []
  const changes: string[] = []
  const tasks = new TaskGroup()
  const presence = new Presence({
    self: 'self' as PeerId,
    tasks,
    capacity: 10,
    addresses: () => ['/ip4/9.9.9.9'],
    publish(data) {
      const announcement = decodeAnnouncement(data)
      if (!announcement.ok) throw new Error(announcement.code)
      const { kind, addresses, ask } = announcement.value
      said.push(`${kind} ${addresses.join()}${ask === undefined ? '' : ` ask ${ask.join()}`}`.trim())
      return Promise.resolve({ recipients: recipients() })
    },
    onHere: (peer, addresses) => void changes.push(`${peer} here ${addresses.join()}`),
    onReturn: peer => void changes.push(`${peer} is back`),
    onChange: (joined, left) => void changes.push(`joined ${joined.join()} left ${left.join()}`),
  })
  return { presence, said, changes, tasks }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('presence on a topic', () => {
  it('is announced when we come, and every minute', async () => {
    const { presence, said } = open()
    presence.speak()
    await vi.advanceTimersByTimeAsync(1)
    presence.hear(other, encodeAnnouncement({ kind: 'bye', addresses: [] }))
    expect(said).toEqual(['here /ip4/9.9.9.9 ask self'])
    await vi.advanceTimersByTimeAsync(59_000)
    presence.hear(other, here)
    said.length = 0
    await vi.advanceTimersByTimeAsync(120_000)
    expect(said).toHaveLength(3)
  })

  it('is announced again soon by who has heard of nobody: the first word may have got lost', async () => {
    const { presence, said } = open()
    presence.speak()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(said).toHaveLength(2)
    const heard = open()
    heard.presence.speak()
    await vi.advanceTimersByTimeAsync(1)
    heard.presence.hear(other, here)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(heard.said).toHaveLength(2)
  })

  it('is not announced by who only listens', async () => {
    const { presence, said } = open()
    presence.saySoon()
    presence.hear(other, here)
    await vi.advanceTimersByTimeAsync(200_000)
    expect(said).toEqual([])
  })

  it('ends for somebody whom nothing reaches, and begins again when they are heard', () => {
    const { presence, changes } = open()
    presence.hear(other, here)
    presence.miss(other)
    presence.miss(other)
    expect(presence.peers()).toEqual([])
    presence.hear(other, here)
    expect(presence.peers()).toEqual([other])
    expect(changes.filter(change => !change.includes('here'))).toEqual([
      'joined other left ',
      'joined  left other',
      'joined other left ',
    ])
  })

  it('asks who is here, and answers who asks for us [T6]', async () => {
    const { presence, said } = open()
    presence.speak()
    presence.hear(other, here)
    await vi.advanceTimersByTimeAsync(1)
    presence.ask(third)
    presence.ask(other)
    await vi.advanceTimersByTimeAsync(1)
    expect(said.slice(1)).toEqual(['here /ip4/9.9.9.9 ask other'])
    await vi.advanceTimersByTimeAsync(10_000)
    presence.hear(other, encodeAnnouncement({ kind: 'here', addresses: [], ask: ['third'] }))
    await vi.advanceTimersByTimeAsync(1)
    expect(said).toHaveLength(2)
    presence.hear(other, encodeAnnouncement({ kind: 'here', addresses: [], ask: ['third', 'self'] }))
    await vi.advanceTimersByTimeAsync(1)
    expect(said.slice(2)).toEqual(['here /ip4/9.9.9.9'])
  })

  it('asks everybody when we come, and again while nobody has been heard [T7]', async () => {
    const { presence, said } = open()
    presence.speak()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(said).toEqual(['here /ip4/9.9.9.9 ask self', 'here /ip4/9.9.9.9 ask self'])
    presence.hear(other, here)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(said.slice(2).every(each => each === 'here /ip4/9.9.9.9')).toBe(true)
  })

  it('asks everybody by the first word that somebody hears: before, no relay may have been there [T7]', async () => {
    let isHeard = false
    const { presence, said } = open(() => Number(isHeard))
    presence.speak()
    await vi.advanceTimersByTimeAsync(500)
    isHeard = true
    // Our addresses have changed: a relay holds a slot for us.
    presence.saySoon()
    await vi.advanceTimersByTimeAsync(1_000)
    presence.saySoon()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(said).toEqual(['here /ip4/9.9.9.9 ask self', 'here /ip4/9.9.9.9 ask self', 'here /ip4/9.9.9.9'])
  })

  it('answers who comes anew without having left, and takes it for gone in between [T7]', async () => {
    const { presence, said, changes } = open()
    const anew = encodeAnnouncement({ kind: 'here', addresses: ['/ip4/1.2.3.5'], ask: [other] })
    presence.speak()
    presence.hear(other, anew)
    await vi.advanceTimersByTimeAsync(20_000)
    said.length = 0
    changes.length = 0
    presence.hear(other, anew)
    await vi.advanceTimersByTimeAsync(1)
    expect(changes).toEqual(['joined  left other', 'other is back', 'other here /ip4/1.2.3.5', 'joined other left '])
    expect(said).toEqual(['here /ip4/9.9.9.9'])
    // One that comes anew all the time is not the others' work.
    for (let times = 0; times < 10; times += 1) {
      await vi.advanceTimersByTimeAsync(100)
      presence.hear(other, anew)
    }
    expect(changes.filter(change => change === 'other is back')).toHaveLength(3)
    expect(said.length).toBeLessThanOrEqual(4)
  })

  it('meets again who comes anew right after they came [T7]', () => {
    const { presence, changes } = open()
    const anew = encodeAnnouncement({ kind: 'here', addresses: [], ask: [other] })
    presence.hear(other, anew)
    presence.hear(other, anew)
    expect(changes).toContain('other is back')
  })

  it('answers somebody new, once, and a crowd no faster than it may', async () => {
    const { presence, said } = open()
    presence.speak()
    await vi.advanceTimersByTimeAsync(1)
    presence.hear(other, here)
    presence.hear(other, here)
    await vi.advanceTimersByTimeAsync(1)
    expect(said).toHaveLength(2)
    for (let index = 0; index < 100; index += 1) {
      presence.hear(`crowd ${index}` as PeerId, here)
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(said.length).toBeLessThanOrEqual(9)
  })

  it('tells who came with which addresses, and who left by a word or by silence', async () => {
    const { presence, changes } = open()
    presence.hear(other, here)
    presence.hear(third, here)
    expect(changes).toEqual([
      'other here /ip4/1.2.3.4',
      'joined other left ',
      'third here /ip4/1.2.3.4',
      'joined third left ',
    ])
    presence.hear(other, bye)
    expect(changes.at(-1)).toBe('joined  left other')
    expect(presence.peers()).toEqual([third])
    await vi.advanceTimersByTimeAsync(170_000)
    expect(changes.at(-1)).toBe('joined  left third')
    expect(presence.peers()).toEqual([])
  })

  it('says goodbye, then nothing, and may speak again at once', async () => {
    const { presence, said } = open()
    presence.speak()
    await vi.advanceTimersByTimeAsync(1)
    const leaving = presence.sayBye()
    presence.speak()
    await leaving
    await vi.advanceTimersByTimeAsync(1)
    expect(said).toEqual(['here /ip4/9.9.9.9 ask self', 'bye', 'here /ip4/9.9.9.9 ask self'])
    await presence.sayBye()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(said).toHaveLength(4)
  })

  it('ignores what is no announcement', () => {
    const { presence, changes } = open()
    presence.hear(other, here.subarray(0, 20))
    presence.hear(other, Uint8Array.of(1, 2, 3))
    expect(changes).toEqual([])
  })

  it('leaves no task when its owner stops', async () => {
    const { presence, tasks } = open()
    presence.speak()
    await tasks.stop()
    expect(tasks.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
