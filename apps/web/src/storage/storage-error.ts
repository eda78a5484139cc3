/** Why something could not be kept on this device. */
export type StorageCode = 'storage/full' | 'storage/failed'

/** Thrown when the device refuses to keep something. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageCode

  constructor(code: StorageCode, cause: unknown) {
    super(code === 'storage/full' ? 'This device has no room left.' : 'This device could not keep the game.', { cause })
    this.code = code
  }
}

/** Wraps what IndexedDB threw. */
export function asStorageError(cause: unknown): StorageError {
  const full = cause instanceof Error && cause.name === 'QuotaExceededError'
  return new StorageError(full ? 'storage/full' : 'storage/failed', cause)
}
