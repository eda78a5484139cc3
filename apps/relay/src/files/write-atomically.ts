import { open, rename, rm } from 'node:fs/promises'

/**
 * Writes a file that only its owner can read, so that a crash leaves either the old content or the new one, never a part.
 *
 * @throws the file system's error; the old content is untouched then
 */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.new`
  try {
    const file = await open(temporary, 'w', 0o600)
    try {
      // The mode of `open` holds for new files only, and a crash may have left one.
      await file.chmod(0o600)
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}
