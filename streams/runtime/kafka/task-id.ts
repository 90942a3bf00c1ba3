import type { PlannedTask } from '../task/plan-tasks.ts';

/** `<sub-topology>_<partition>`, as Kafka Streams writes it. */
export function taskIdOf({ subTopology, partition }: PlannedTask): string {
  return `${subTopology.id}_${partition}`;
}
