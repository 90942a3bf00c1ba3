import { outputsOf, sourcesOf } from '../../graph/topology.ts';
import type { SubTopology, Topology } from '../../graph/topology.ts';
import { KafkaTopicError } from './errors.ts';
import { isRebuilt } from './rebuild-plan.ts';

/** A topic of the topology's own, with what it has to be like. */
export interface InternalTopic {
  /** As the topology declares it, or the store that it is the changelog of. */
  readonly name: string;
  readonly kind: 'repartition' | 'changelog';
  readonly partitions: number;
}

/**
 * How many partitions each topic of the topology's own needs: a repartition topic as many as the task group that writes
 * it has tasks, a changelog one for each task that has the store.
 *
 * @param partitionsOf of a topic that exists; undefined for one that does not
 */
export function planInternalTopics(
  topology: Topology,
  partitionsOf: (topic: string) => number | undefined,
): InternalTopic[] {
  const counts = countRepartitions(topology, partitionsOf);
  const tasksOf = (subTopology: SubTopology): number => {
    const [source] = sourcesOf(subTopology);
    return source === undefined ? 0 : (counts.get(source.topic) ?? partitionsOf(source.topic) ?? 0);
  };
  const repartitions = [...counts].map(([name, partitions]): InternalTopic => {
    return { name, kind: 'repartition', partitions };
  });
  const changelogs = topology.subTopologies.flatMap((subTopology) =>
    subTopology.stores
      .filter((store) => !isRebuilt(store))
      .map(({ name }): InternalTopic => ({ name, kind: 'changelog', partitions: tasksOf(subTopology) })),
  );
  return [...repartitions, ...changelogs];
}

/** Writers first: one repartition topic may follow from another. */
function countRepartitions(
  topology: Topology,
  partitionsOf: (topic: string) => number | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  const countOf = (topic: string): number | undefined =>
    topology.repartitionTopics.has(topic) ? counts.get(topic) : partitionsOf(topic);
  for (let round = 0; counts.size < topology.repartitionTopics.size; round++) {
    if (round > topology.repartitionTopics.size) throw new KafkaTopicError(unresolved(topology, counts));
    for (const subTopology of topology.subTopologies) {
      const sources = sourcesOf(subTopology).map((source) => countOf(source.topic));
      if (sources.includes(undefined)) continue;
      const partitions = Math.max(...sources.map((count) => count ?? 0));
      for (const { topic } of outputsOf(subTopology)) {
        if (!topology.repartitionTopics.has(topic)) continue;
        counts.set(topic, Math.max(partitions, counts.get(topic) ?? 0));
      }
    }
  }
  return counts;
}

function unresolved(topology: Topology, counts: ReadonlyMap<string, number>): string {
  const topics = [...topology.repartitionTopics].filter((topic) => !counts.has(topic));
  return `no number of partitions follows for ${topics.join(', ')}: their writers read nothing else`;
}
