import { describe, expect, test } from 'vitest'

import { localUrl, networkUrls, readyJson, readyText } from './ready-line.ts'

const facts = {
  peerId: '12D3KooWExample',
  host: '127.0.0.1',
  port: 8080,
  multiaddrs: ['/ip4/127.0.0.1/tcp/8080/ws'],
  hasPage: true,
}

test('the JSON line has the promised shape and order', () => {
  expect(readyJson(facts, 123)).toBe(
    '{"event":"ready","peerId":"12D3KooWExample","http":"http://127.0.0.1:8080","multiaddrs":["/ip4/127.0.0.1/tcp/8080/ws"],"pid":123}',
  )
})

test('people are told when there is no page', () => {
  expect(readyText(facts)).toBe('Ready: http://127.0.0.1:8080')
  expect(readyText({ ...facts, hasPage: false })).toContain('no page')
})

describe('addresses to open', () => {
  test('a wildcard is opened on this machine by loopback, IPv6 in brackets', () => {
    expect(localUrl('0.0.0.0', 80)).toBe('http://127.0.0.1:80')
    expect(localUrl('::', 80)).toBe('http://127.0.0.1:80')
    expect(localUrl('::1', 80)).toBe('http://[::1]:80')
  })

  test('other devices use the addresses of the network, when the relay listens there', () => {
    const interfaces = {
      lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true }],
      eth0: [
        { address: '192.168.1.5', family: 'IPv4', internal: false },
        { address: '169.254.1.1', family: 'IPv4', internal: false },
        { address: 'fe80::1', family: 'IPv6', internal: false },
      ],
    } as never
    expect(networkUrls('0.0.0.0', 80, interfaces)).toEqual(['http://192.168.1.5:80'])
    expect(networkUrls('127.0.0.1', 80, interfaces)).toEqual([])
  })
})
