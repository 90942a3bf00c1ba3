import { rebuildRedis } from '../../connectors/redis/index.ts';
import type {
  PartitionRebuild,
  RedisOwner,
  RedisRebuildOptions,
  RedisRebuildResult,
} from '../../connectors/redis/index.ts';

export interface RebuildCommand {
  readonly redis: Omit<RedisRebuildOptions, 'onProgress'>;
  readonly print: (line: string) => void;
}

/** 0: Redis holds everything again. 1: not yet. */
export type ExitCode = 0 | 1;

const LATER: Readonly<Record<Exclude<RedisRebuildResult['outcome'], 'rebuilt'>, string>> = {
  unattended:
    'no sink is working on it: is `incidents run` running, with the role all or sinks? The request stays: it will be done when one starts',
  unfinished: 'not done yet: the sink goes on without this command. How far it is: incidents:{p0}:applied',
};

/** Has Redis rebuilt, and says how it goes. */
export async function rebuild({ redis, print }: RebuildCommand): Promise<ExitCode> {
  const printed = new Map<number, string>();
  const onProgress = (partitions: readonly PartitionRebuild[]): void => {
    for (const state of partitions) {
      const line = describe(state);
      if (printed.get(state.partition) !== line) print(line);
      printed.set(state.partition, line);
    }
  };
  const { outcome, owner } = await rebuildRedis({ ...redis, onProgress });
  if (outcome === 'rebuilt') return 0;
  print(LATER[outcome]);
  if (outcome === 'unattended') print(whoseItIs(owner));
  return 1;
}

/** A sink that runs and is refused looks from here like none at all. */
function whoseItIs({ meta, pipeline, topic, topicEpoch }: RedisOwner): string {
  const whose = pipeline === undefined ? '' : `the pipeline "${pipeline}", `;
  return (
    `${meta} belongs to ${whose}${topic} first seen at ${new Date(topicEpoch).toISOString()} (epoch ${topicEpoch}): ` +
    'a sink of any other is refused, and does nothing here. See /readyz of the process that runs the sinks'
  );
}

function describe({ partition, applied, target, snapshotSaved }: PartitionRebuild): string {
  return `partition ${partition}: ${progressOf({ applied, target, snapshotSaved })}`;
}

function progressOf({ applied, target, snapshotSaved }: Omit<PartitionRebuild, 'partition'>): string {
  if (target === -1) return 'there is nothing to rebuild';
  if (applied >= target) return `done, up to offset ${applied}`;
  if (snapshotSaved !== undefined) return `${snapshotSaved} incidents saved`;
  return applied === -1 ? 'asked for' : `offset ${applied} of ${target}`;
}
