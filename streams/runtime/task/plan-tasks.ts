import { TopologyError } from '../../errors.ts';
import { sourcesOf } from '../../graph/topology.ts';
import type { SubTopology, Topology } from '../../graph/topology.ts';

export interface PlannedTask {
  readonly subTopology: SubTopology;
  readonly partition: number;
}

/**
 * One task for each partition of each sub-topology.
 * @throws {TopologyError} when the source topics of a sub-topology differ in their number of partitions: records of
 * one key would meet in different tasks.
 */
export function planTasks(topology: Topology, partitionsOf: (topic: string) => number): PlannedTask[] {
  return topology.subTopologies.flatMap((subTopology) => {
    const counts = sourcesOf(subTopology).map((source) => ({
      topic: source.topic,
      partitions: partitionsOf(source.topic),
    }));
    const [first] = counts;
    if (first === undefined) return [];
    const other = counts.find((count) => count.partitions !== first.partitions);
    if (other !== undefined) {
      throw new TopologyError(
        `sub-topology ${subTopology.id} reads "${first.topic}" with ${first.partitions} partitions and "${other.topic}" ` +
          `with ${other.partitions}: topics that are processed together need the same number`,
      );
    }
    return Array.from({ length: first.partitions }, (_, partition) => ({ subTopology, partition }));
  });
}
