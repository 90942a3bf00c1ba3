import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_HEADERS, stringSerde } from '@incident-streams/streams';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { openPipeline } from '../../cli/pipeline/pipeline.ts';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { SINKS, TOPICS } from '../../topology/topics.ts';
import type { TransitionRecord } from './transitions.ts';

/** A real runtime that feeds a Redis sink with transitions made by the test. */
export interface RedisPipeline {
  produce(this: void, records: readonly TransitionRecord[]): void;
  /** Redis has confirmed everything produced. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export async function startRedisPipeline(
  options: Parameters<typeof createRedisTransitionsSink>[0],
): Promise<RedisPipeline> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-pipeline-'));
  const pipeline = openPipeline({
    directory,
    ruleSet: loadRules(undefined),
    sinks: { [SINKS.redis]: createRedisTransitionsSink(options) },
  });
  pipeline.runtime.start();
  return {
    produce(records) {
      pipeline.runtime.produce(
        records.flatMap(({ key, value, timestamp }) =>
          value === null
            ? []
            : {
                topic: TOPICS.transitions,
                timestamp,
                key: stringSerde.serialize(key),
                value: pipeline.serdes.incidentTransition.serialize(value),
                headers: NO_HEADERS,
              },
        ),
      );
    },
    caughtUp: () => pipeline.runtime.whenSinksCaughtUp(),
    async close() {
      await pipeline.runtime.close();
      await rm(directory, { recursive: true });
    },
  };
}
