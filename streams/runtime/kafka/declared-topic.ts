import type { LogRecord } from '../../records/record.ts';

/** The records with the name that the topology gives their topic, which may be another than the cluster's. */
export function inDeclaredTopic(records: readonly LogRecord[], topic: string): readonly LogRecord[] {
  const [first] = records;
  if (first === undefined || first.topic === topic) return records;
  return records.map(({ partition, offset, timestamp, key, value, headers }) => {
    return { topic, partition, offset, timestamp, key, value, headers };
  });
}
