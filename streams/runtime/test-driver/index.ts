export { TopologyTestDriver } from './topology-test-driver.ts';
export type { TestRecord, TopologyTestDriverOptions } from './topology-test-driver.ts';
export { TaskReplay } from './task-replay.ts';
export type { TaskReplayOptions } from './task-replay.ts';
