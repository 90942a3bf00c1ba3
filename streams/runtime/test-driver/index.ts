export { TopologyTestDriver } from './topology-test-driver.ts';
export type { TestRecord, TopologyTestDriverOptions } from './topology-test-driver.ts';
