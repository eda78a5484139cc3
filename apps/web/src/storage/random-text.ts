/** Random bytes from the browser's own source; it exists on insecure origins too. */
export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** A random text of hexadecimal digits from `length` random bytes. */
export function randomText(length: number): string {
  return Array.from(randomBytes(length), byte => byte.toString(16).padStart(2, '0')).join('')
}
