/**
 * A view of a peer for whoever develops on the mesh; for browsers only.
 *
 * ```ts
 * import { defineInspector } from '@tsugi/peer/inspector'
 *
 * defineInspector()
 * document.body.append(Object.assign(document.createElement('tsugi-inspector'), { peer }))
 * ```
 *
 * @packageDocumentation
 */
export { type InspectorTable, inspectPeer } from './inspect-peer.ts'
export { TsugiInspector, defineInspector } from './tsugi-inspector.ts'
