/**
 * Containers with a fixed ceiling, a stated overflow policy and counters, and an owner for whatever goes on in the background.
 *
 * @packageDocumentation
 */
export { BoundedError, type BoundedErrorCode } from './bounded-error.ts'
export {
  BoundedQueue,
  type BoundedQueueOptions,
  type BoundedQueueStats,
  type OverflowPolicy,
  type PushOutcome,
  type SlowReason,
} from './bounded-queue.ts'
export { ExpiringBook, type ExpiringBookOptions, type ExpiringBookStats, type RemovalReason } from './expiring-book.ts'
export {
  type ListenerTarget,
  TaskGroup,
  type TaskGroupOptions,
  type TaskHandle,
  type TaskInfo,
  type TaskKind,
} from './task-group.ts'
export { StoreMonitor, type StoreMonitorOptions, type StoreReading, type StoreWarning } from './store-monitor.ts'
export { systemTimers, type Timers } from './system-timers.ts'
export { TokenBucket, type TokenBucketOptions, type TokenBucketStats } from './token-bucket.ts'
