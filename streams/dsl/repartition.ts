import type { TimestampExtractor } from '../graph/node.ts';
import type { Serde } from '../records/serde.ts';
import type { BuildContext } from './build-context.ts';
import type { Serdes } from './serdes-pair.ts';

/** Adds an output to and a source from a topic of the topology's own; returns the name of the source. */
export function repartitionThrough<K, V>(
  context: BuildContext,
  parent: string,
  options: Serdes<K, V> & { readonly name: string },
): string {
  const topic = `${options.name}-repartition`;
  const key = options.key as Serde<unknown>;
  const value = options.value as Serde<unknown>;
  const timestamp: TimestampExtractor<unknown, unknown> = (record) => record.timestamp;
  context.graph.addRepartitionTopic(topic);
  context.graph.add({ kind: 'output', name: `${topic}-output`, parents: [parent], topic, key, value });
  context.graph.add({ kind: 'source', name: `${topic}-source`, topic, key, value, timestamp });
  return `${topic}-source`;
}
