import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** Writes bytes as lower-case hexadecimal. */
export const toHex: (bytes: Uint8Array) => string = bytesToHex

/** Reads hexadecimal that this program wrote itself; throws on anything else. */
export const fromHex: (text: string) => Uint8Array = hexToBytes
