import { crc32 } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { encodeBindingResponse, encodeUnknownAttributes, parseBindingRequest } from './stun-message.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const transaction = hex('b7e7a701bc34d686fa87dfae')

/** RFC 5769, section 2.1: a request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT. */
const sampleRequest = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff
  80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249
  c1b571a2 80280004 e57a3bcf`)
/** Section 2.2: the answer to it, 192.0.2.1 port 32853, as software "test vector"; and section 2.3, the same for IPv6. */
const sampleMappedIpv4 = hex('00200008 0001a147 e112a643')
const sampleMappedIpv6 = hex('00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9')

/** Where an attribute stands in a message, with its header. */
function attributeOf(message: Uint8Array, type: number, length: number): Uint8Array {
  const view = new DataView(message.buffer, message.byteOffset)
  for (let offset = 20; offset < message.length; offset += 4 + Math.ceil(view.getUint16(offset + 2) / 4) * 4) {
    if (view.getUint16(offset) === type) return message.subarray(offset, offset + 4 + length)
  }
  throw new Error('no such attribute')
}
const request = (attributes: Uint8Array = new Uint8Array()) => {
  const header = hex('00010000 2112a442 b7e7a701bc34d686fa87dfae')
  new DataView(header.buffer).setUint16(2, attributes.length)
  return Uint8Array.from([...header, ...attributes])
}

describe('parseBindingRequest', () => {
  test('reads the sample request of RFC 5769, fingerprint and all', () => {
    expect(parseBindingRequest(sampleRequest)).toEqual({
      transactionId: transaction,
      unknownAttributes: [],
      hasFingerprint: true,
    })
  })

  test('reads the bare request of a browser', () => {
    expect(parseBindingRequest(request())).toMatchObject({ unknownAttributes: [], hasFingerprint: false })
  })

  test('every changed bit of the sample makes it nothing, or is seen', () => {
    for (let bit = 0; bit < sampleRequest.length * 8; bit += 1) {
      const changed = sampleRequest.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(parseBindingRequest(changed)).not.toMatchObject({ hasFingerprint: true })
    }
  })

  test('names the attributes that must be understood and are not', () => {
    const changeRequest = hex('00030004 00000006')
    const optional = hex('c0010004 00000000')
    expect(parseBindingRequest(request(Uint8Array.from([...changeRequest, ...optional])))).toMatchObject({
      unknownAttributes: [3],
    })
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['half a header', request().subarray(0, 12)],
    ['a response', hex('01010000 2112a442 b7e7a701bc34d686fa87dfae')],
    ['an indication', hex('00110000 2112a442 b7e7a701bc34d686fa87dfae')],
    ['another cookie', hex('00010000 2112a443 b7e7a701bc34d686fa87dfae')],
    ['a wrong length', hex('00010004 2112a442 b7e7a701bc34d686fa87dfae')],
    ['an attribute that runs over the end', request(hex('80220008 00000000'))],
    ['something after the fingerprint', Uint8Array.from([...sampleRequest, ...hex('80220000')])],
  ])('%s is no request', (_, datagram) => {
    expect(parseBindingRequest(datagram)).toBeUndefined()
  })

  test('no datagram makes it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, isDressed) => {
        const datagram = isDressed ? request(bytes.subarray(0, bytes.length - (bytes.length % 4))) : bytes
        expect(() => parseBindingRequest(datagram)).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})

describe('encodeBindingResponse', () => {
  test('writes the addresses of RFC 5769’s sample responses', () => {
    const ipv4 = encodeBindingResponse(transaction, '192.0.2.1', 32_853, 'test vector')
    expect(attributeOf(ipv4, 0x0020, 8)).toEqual(sampleMappedIpv4)
    const ipv6 = encodeBindingResponse(transaction, '2001:db8:1234:5678:11:2233:4455:6677', 32_853, '')
    expect(attributeOf(ipv6, 0x0020, 20)).toEqual(sampleMappedIpv6)
  })

  test('an abbreviated IPv6 address is the same one', () => {
    const short = encodeBindingResponse(transaction, '2001:db8::1', 1, '')
    expect(short).toEqual(encodeBindingResponse(transaction, '2001:db8:0:0:0:0:0:1', 1, ''))
  })

  test('its last attribute is the fingerprint of what stands before', () => {
    const response = encodeBindingResponse(transaction, '192.0.2.1', 1, 'tsugi')
    const fingerprint = (crc32(response.subarray(0, -8)) ^ 0x5354554e) >>> 0
    expect(new DataView(response.buffer).getUint32(response.length - 4)).toBe(fingerprint)
    expect(new DataView(response.buffer).getUint16(2)).toBe(response.length - 20)
    expect(response.length).toBe(52)
  })

  test('is small, so that a forged source gains little', () => {
    expect(encodeBindingResponse(transaction, '2001:db8::1', 1, 'tsugi').length).toBe(64)
    expect(encodeUnknownAttributes(transaction, [3, 4, 5, 6, 7, 8, 9, 10]).length).toBeLessThanOrEqual(76)
  })
})

test('encodeUnknownAttributes says 420 and lists them', () => {
  const answer = encodeUnknownAttributes(transaction, [3, 26])
  expect(answer.subarray(0, 2)).toEqual(Uint8Array.of(0x01, 0x11))
  expect(attributeOf(answer, 0x0009, 4).subarray(4)).toEqual(Uint8Array.of(0, 0, 4, 20))
  expect(attributeOf(answer, 0x000a, 4).subarray(4)).toEqual(Uint8Array.of(0, 3, 0, 26))
})
