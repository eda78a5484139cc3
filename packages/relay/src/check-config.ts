import { type AppId, LimitError, type Limits, parseAppId, resolveLimits } from '@tsugi/protocol'

import { type AddressSet, createAddressSet } from './addresses/address-prefix.ts'
import type { RelayConfig } from './relay-config.ts'
import { RelayError } from './relay-error.ts'

/** What a configuration says, once it has been found to be sound. */
export interface CheckedConfig {
  readonly limits: Limits
  readonly apps: readonly AppId[] | 'any'
  readonly trustedProxies: AddressSet
  /** Where the HTTP server listens. */
  readonly host: string
  readonly tcpPort: number
}

/** @throws RelayError `relay/invalid-config`, or `relay/http-not-listening` */
export function checkConfig(config: RelayConfig): CheckedConfig {
  const limits = limitsOf(config)
  const apps = appsOf(config)
  const trustedProxies = createAddressSet(config.trustProxy ?? [])
  const address = config.httpServer.address()
  if (address === null || typeof address === 'string') {
    throw new RelayError(
      'relay/http-not-listening',
      'The HTTP server must listen on a TCP port before the relay starts.',
    )
  }
  return { limits, apps, trustedProxies, host: address.address, tcpPort: address.port }
}

function limitsOf(config: RelayConfig): Limits {
  try {
    return resolveLimits(config.limits)
  } catch (cause) {
    if (cause instanceof LimitError) throw new RelayError('relay/invalid-config', cause.message, cause)
    throw cause
  }
}

function appsOf(config: RelayConfig): readonly AppId[] | 'any' {
  if (config.apps === undefined || config.apps === 'any') return 'any'
  return config.apps.map(text => {
    const app = parseAppId(text)
    if (!app.ok) throw new RelayError('relay/invalid-config', `"${text}" is not an app id: 1 to 63 of a-z 0-9 . -`)
    return app.value
  })
}
