/** A flag, a variable, a file or a port that the command cannot start with: one line on stderr, exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'config/invalid'
}
