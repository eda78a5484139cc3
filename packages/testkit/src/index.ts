/**
 * What the tests of several packages share: a clock that a test moves, seeded randomness, a mesh and a store in memory.
 *
 * @packageDocumentation
 */
export { FakeClock } from './fake-clock.ts'
export { MemoryKeeper } from './memory-keeper.ts'
export { MemoryMesh, type MeshFaults, type MeshListener, faultless } from './memory-mesh.ts'
export { MemoryStore } from './memory-store.ts'
export { SeededRandom } from './seeded-random.ts'
