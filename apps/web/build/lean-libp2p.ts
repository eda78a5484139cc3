import { fileURLToPath } from 'node:url'

import type { Plugin } from 'vite'

/** libp2p's own packages, and gossipsub among them; not what they build on. */
const libp2pModule = /node_modules\/(?:@libp2p\/[^/]+|libp2p)\/dist\//
const gossip = /@libp2p\/gossipsub\/dist\/src\/gossipsub\.js$/
const gossipMetrics = /@libp2p\/gossipsub\/dist\/src\/metrics\.js$/

/** The names under which libp2p's classes hold their logger and their metrics. */
const diagnostics = new Set(['log', 'metrics'])

/** Modules that the page does without, and what stands in for them; each file says why. */
const standIns: readonly (readonly [RegExp, string])[] = [
  [/@libp2p\/logger\/dist\/src\/index\.js$/, 'silent-logger'],
  [/@libp2p\/gossipsub\/dist\/src\/score\/(?:peer-score|scoreMetrics)\.js$/, 'neutral-score'],
  [/@multiformats\/dns\/dist\/src\/index\.js$/, 'no-dns-over-https'],
  [/@libp2p\/crypto\/dist\/src\/keys\/secp256k1\/(?:index|index\.browser|utils)\.js$/, 'no-secp256k1'],
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
 * protons writes for each message, and the modules of {@link standIns}. It is an eighth of the page's script. The development server
 * keeps them all, and so does everybody who builds on `@tsugi/peer`.
 *
 * Only whole statements go whose value nobody uses: `this.log.trace(…)`, `this.metrics?.x.inc()`. They are overwritten with spaces, so
 * every line and column stays where the source map says.
 */
export function leanLibp2p(): Plugin {
  return {
    name: 'tsugi:lean-libp2p',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!/secp256k1|peer-score|scoreMetrics|utils|index|logger|dns/.test(source)) return null
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true })
      const standIn = standIns.find(([pattern]) => resolved !== null && pattern.test(resolved.id))?.[1]
      return standIn === undefined ? null : fileURLToPath(new URL(`stand-ins/${standIn}.ts`, import.meta.url))
    },
    transform: {
      filter: { id: libp2pModule },
      handler(code, id) {
        const spans: Span[] = []
        collect(this.parse(code) as unknown as Node, spans)
        let lean = code
        for (const { start, end } of spans)
          lean = `${lean.slice(0, start)}${blank(lean.slice(start, end))}${lean.slice(end)}`
        if (gossipMetrics.test(id)) lean = withoutBody(lean, 'export function getMetrics')
        if (gossip.test(id)) lean = withoutBody(lean, '    onScrapeMetrics')
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
  if (at === -1 || start === -1 || end === -1) throw new Error(`There is no ${head.trim()} in gossipsub any more.`)
  return `${code.slice(0, start + 1)}${code.slice(start + 1, end).replaceAll(/[^\n]/g, ' ')}${code.slice(end)}`
}
