/**
 * For tests of matches: a small game, and sides that hear each other at once.
 *
 * @packageDocumentation
 */
export { type HeapState, heapRules } from './heap-rules.ts'
export { TestSide, TestTable, type TestTableOptions, testKey } from './test-table.ts'
