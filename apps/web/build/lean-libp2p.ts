import { fileURLToPath } from 'node:url'

import type { Plugin } from 'vite'

/** libp2p's own packages, and gossipsub among them; not what they build on. */
const libp2pModule = /node_modules\/(?:@libp2p\/[^/]+|libp2p)\/dist\//

/** The names under which libp2p's classes hold their logger and their metrics. */
const diagnostics = new Set(['log', 'metrics'])

/** Modules that the page does without, and what stands in for them; each file says why. */
const standIns: Readonly<Record<string, RegExp>> = {
  'silent-logger': /@libp2p\/logger\/dist\/src\/index\.js$/,
  'neutral-score': /@libp2p\/gossipsub\/dist\/src\/score\/(?:peer-score|scoreMetrics)\.js$/,
  'no-dns-over-https': /@multiformats\/dns\/dist\/src\/index\.js$/,
  'only-ed25519':
    /@libp2p\/crypto\/dist\/src\/keys\/(?:(?:rsa|ecdsa|ecdh|secp256k1)\/(?:\w+\.browser|index|utils|der|ecdsa)|key-stretcher)\.js$/,
  'no-routing': /libp2p\/dist\/src\/(?:content-routing|peer-routing|random-walk)\.js$/,
  'no-idle-part':
    /libp2p\/dist\/src\/(?:connection-monitor|connection-manager\/reconnect-queue)\.js$|circuit-relay-v2\/dist\/src\/transport\/discovery\.js$/,
  'no-address-mappings': /libp2p\/dist\/src\/address-manager\/(?:dns|ip)-mappings\.js$/,
  'small-filter': /@libp2p\/utils\/dist\/src\/filters\/index\.js$/,
  'small-rate-limiter': /@libp2p\/utils\/dist\/src\/rate-limiter\.js$/,
  'plain-private-ip': /@libp2p\/utils\/dist\/src\/private-ip\.js$/,
  'no-address-blocks': /@chainsafe\/netmask\/dist\/src\/index\.js$/,
  'no-emoji-base': /multiformats\/dist\/src\/bases\/base256emoji\.js$/,
  'one-thread-lock': /\/mortice\/dist\/src\/index\.js$/,
}

/** Functions that nothing in the page calls, by the module that they are in: they keep their names and lose their bodies. */
const idleFunctions: readonly (readonly [module: RegExp, heads: readonly string[]])[] = [
  [/@libp2p\/gossipsub\/dist\/src\/metrics\.js$/, ['export function getMetrics']],
  [
    /@libp2p\/gossipsub\/dist\/src\/gossipsub\.js$/,
    [
      '    onScrapeMetrics',
      // Peers that others name are not connected to.
      '    async pxConnect',
      '    async directConnect',
      // For validators that take their time.
      '    reportMessageValidationResult',
      // `@tsugi/gossip` puts its own in their place.
      '    selectPeersToForward',
    ],
  ],
  [/libp2p\/dist\/src\/libp2p\.js$/, ['    async getPublicKey']],
  [/libp2p\/dist\/src\/connection-manager\/index\.js$/, ['    getDialQueue', '    setMaxConnections']],
  // No router forwards a port to a page. What the caller reads as “no”, an empty body answers.
  [/libp2p\/dist\/src\/address-manager\/index\.js$/, ['    maybeUpgradeToIPMapping']],
]

interface Span {
  readonly start: number
  readonly end: number
}

interface Node extends Span {
  readonly type: string
  readonly [key: string]: unknown
}

/**
 * Leaves out of the page what it never runs and only a debugger of libp2p would miss: log lines, metrics, the streaming decoders that
 * protons writes for each message, and the modules of {@link standIns}. It is a sixth of the page's script. The development server
 * keeps them all, and so does everybody who builds on `@tsugi/peer`.
 *
 * Only whole statements go whose value nobody uses: `this.log.trace(…)`, `this.metrics?.x.inc()`. They are overwritten with spaces, so
 * every line and column stays where the source map says.
 */
export function leanLibp2p(): Plugin {
  const used = new Set<string>()
  return {
    name: 'tsugi:lean-libp2p',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (importer?.includes('node_modules') !== true) return null
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true })
      const [name] =
        Object.entries(standIns).find(([, pattern]) => resolved !== null && pattern.test(resolved.id)) ?? []
      if (name === undefined) return null
      used.add(name)
      return fileURLToPath(new URL(`stand-ins/${name}.ts`, import.meta.url))
    },
    buildEnd(error) {
      const idle = Object.keys(standIns).filter(name => !used.has(name))
      if (error === undefined && idle.length > 0)
        throw new Error(`Nothing is left to stand in for: ${idle.join(', ')}.`)
    },
    transform: {
      filter: { id: libp2pModule },
      handler(code, id) {
        const spans: Span[] = []
        collect(this.parse(code) as unknown as Node, spans)
        let lean = code
        for (const { start, end } of spans)
          lean = `${lean.slice(0, start)}${blank(lean.slice(start, end))}${lean.slice(end)}`
        for (const [module, heads] of idleFunctions) {
          if (module.test(id)) for (const head of heads) lean = withoutBody(lean, head)
        }
        return { code: lean, map: null }
      },
    },
  }
}

/** Finds what to leave out, outermost first; nothing is looked for inside it. */
function collect(node: Node, spans: Span[]): void {
  if (node.type === 'ExpressionStatement' && isDiagnostic(node['expression'] as Node)) {
    spans.push(node)
    return
  }
  if (node.type === 'IfStatement' && node['alternate'] === null && isMetricsTest(node['test'] as Node)) {
    spans.push(node)
    return
  }
  const decoder = streamingDecoder(node)
  for (const value of Object.values(node)) {
    const children = Array.isArray(value) ? value : [value]
    for (const child of children) {
      if (child === decoder && decoder !== null) {
        const body = decoder['body'] as Node
        spans.push({ start: body.start + 1, end: body.end - 1 })
      } else if (typeof child === 'object' && child !== null && 'type' in child) {
        collect(child as Node, spans)
      }
    }
  }
}

/** The generator in protons' `message(encode, decode, function* …)`. */
function streamingDecoder(node: Node): Node | null {
  if (node.type !== 'CallExpression' || (node['callee'] as Node)['name'] !== 'message') return null
  const third = (node['arguments'] as readonly Node[])[2]
  return third?.type === 'FunctionExpression' && third['generator'] === true ? third : null
}

/** `if (this.metrics)`, `if (this.metrics != null)`: what follows only counts. */
function isMetricsTest(test: Node): boolean {
  const operand = test.type === 'BinaryExpression' && test['operator'] === '!=' ? (test['left'] as Node) : test
  if (operand.type !== 'MemberExpression' || (operand['object'] as Node).type !== 'ThisExpression') return false
  return (operand['property'] as Node)['name'] === 'metrics'
}

/** `log(…)`, `this.log.error(…)`, `connection.log?.trace(…)`, `this.metrics?.rpc.inc(…)`. */
function isDiagnostic(expression: Node): boolean {
  let at = expression.type === 'ChainExpression' ? (expression['expression'] as Node) : expression
  if (at.type !== 'CallExpression') return false
  at = at['callee'] as Node
  for (;;) {
    if (at.type === 'Identifier') return diagnostics.has(at['name'] as string)
    if (at.type !== 'MemberExpression') return false
    const property = at['property'] as Node
    if (at['computed'] !== true && property.type === 'Identifier' && diagnostics.has(property['name'] as string))
      return true
    at = at['object'] as Node
  }
}

function blank(text: string): string {
  return `;${text.slice(1).replaceAll(/[^\n]/g, ' ')}`
}

/** A function that is never called keeps its name and loses its body. */
function withoutBody(code: string, head: string): string {
  const at = code.indexOf(head)
  const start = code.indexOf('{', code.indexOf(')', at))
  const indent = /^ */.exec(head)?.[0] ?? ''
  const end = code.indexOf(`\n${indent}}`, start)
  if (at === -1 || start === -1 || end === -1) throw new Error(`There is no ${head.trim()} in libp2p any more.`)
  return `${code.slice(0, start + 1)}${code.slice(start + 1, end).replaceAll(/[^\n]/g, ' ')}${code.slice(end)}`
}

/** Whom these limits bind, or what, is nothing to a page: it is no relay, and has no lasting streams. */
const foreignScopes = 'relay|address|reservation|stream'
/** Others that only relays hold anybody to. */
const foreignLimits =
  'gameWriterBytes|gameKeptMs|gameArchiveBytes|peer(?:Bytes|Bandwidth|StoreRequest|HopRequests|Unused|Silence)\\w+|circuit(?:Idle|Sweep|Duration)Ms|circuitBytes\\w*'

/** What the table of limits says in words is for those who read `docs/limits.md`; the page carries the numbers, and only those that it needs. */
export function leanLimits(): Plugin {
  const rows = new RegExp(
    String.raw`\b(?:(?:${foreignLimits}): \{\s*scope: "\w+"|\w+: \{\s*scope: "(?:${foreignScopes})"),[^}]*\},?`,
    'g',
  )
  const left: string[] = []
  return {
    name: 'tsugi:lean-limits',
    apply: 'build',
    transform: {
      filter: { id: /packages\/protocol\/src\/limits\.ts$/ },
      handler(code) {
        // What binds a relay, the page may read in that relay's own description.
        const own = [...code.matchAll(rows)].filter(([row]) => !/scope: "(?:relay|address)"/.test(row))
        left.push(...own.map(([row]) => row.slice(0, row.indexOf(':'))))
        const lean = code
          .replaceAll(rows, '')
          .replaceAll(/\b(?:scope|unit): "\w+",\s*/g, '')
          .replaceAll(/,\s*reason: "(?:[^"\\]|\\.)*"/g, '')
        if (lean.includes('reason: ')) throw new Error('The table of limits is written in another way.')
        return { code: lean, map: null }
      },
    },
    generateBundle(_, bundle) {
      const code = Object.values(bundle).map(file => (file.type === 'chunk' ? file.code : ''))
      const missed = left.filter(name => code.some(text => new RegExp(String.raw`\b${name}\b`).test(text)))
      if (missed.length > 0)
        throw new Error(`The page needs these limits, which it goes without: ${missed.join(', ')}.`)
    },
  }
}
