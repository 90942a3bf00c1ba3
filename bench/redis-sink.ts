import type { Redis } from 'ioredis';
import { createRedisTransitionsSink } from '../connectors/redis/index.ts';
import { alertOf } from '../schemas/alert.ts';
import { noDeadLetters } from './no-dead-letters.ts';
import { withThrowawayRedis } from './redis/throwaway-redis.ts';
import { LOAD_TOPIC, LOAD_TRANSITIONS, TRANSITION_LOAD, transitionLoad } from './redis/transition-load.ts';
import type { TransitionBatch } from './redis/transition-load.ts';

const ROUNDS = 3;
const TOPIC_EPOCH = Date.UTC(2026, 0, 1);

/**
 * Transitions a second into a redis-server on this machine, best of three rounds: through the sink, batches of
 * 5,000, four partitions side by side; and as bare pipelines of HSET and PUBLISH of the same data, which keep no
 * open set, counters, streams or mark and would do it all twice after a crash. Not measured: the network, the time
 * that subscribers cost the server (there are none), reading the topic.
 */
export async function benchRedisSink(): Promise<Record<string, number>> {
  const load = transitionLoad();
  return withThrowawayRedis(async (client, url) => {
    let sinkSeconds = Infinity;
    let bareSeconds = Infinity;
    let longestBatchMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await client.flushall();
      const timing = await throughSink(load, url);
      sinkSeconds = Math.min(sinkSeconds, timing.seconds);
      longestBatchMs = Math.max(longestBatchMs, timing.longestBatchMs);
      await client.flushall();
      bareSeconds = Math.min(bareSeconds, await throughBarePipelines(load, client));
    }
    return {
      transitionsPerSecond: Math.round(LOAD_TRANSITIONS / sinkSeconds),
      barePipelineTransitionsPerSecond: Math.round(LOAD_TRANSITIONS / bareSeconds),
      vsBarePipeline: bareSeconds / sinkSeconds,
      longestBatchMs,
    };
  });
}

async function throughSink(load: readonly TransitionBatch[][], url: string) {
  const sink = createRedisTransitionsSink({ url, timeoutMs: 30_000 });
  await sink.open({
    topic: LOAD_TOPIC,
    partitions: TRANSITION_LOAD.partitions,
    topicEpoch: TOPIC_EPOCH,
    deadLetter: noDeadLetters,
  });
  let longestBatchMs = 0;
  const started = performance.now();
  const partitions = load.map(async (batches) => {
    for (const batch of batches) {
      const before = performance.now();
      await sink.write(batch);
      longestBatchMs = Math.max(longestBatchMs, performance.now() - before);
    }
  });
  await Promise.all(partitions);
  const seconds = (performance.now() - started) / 1_000;
  await sink.close();
  return { seconds, longestBatchMs };
}

async function throughBarePipelines(load: readonly TransitionBatch[][], client: Redis): Promise<number> {
  const started = performance.now();
  const partitions = load.map(async (batches) => {
    for (const batch of batches) {
      const pipeline = client.pipeline();
      for (const { value, offset } of batch.records) {
        if (value === null) continue;
        const { state } = value;
        const json = JSON.stringify(state);
        pipeline.hset(state.incidentId, 'status', state.status, 'severity', state.severity, 'state', json);
        const told = alertOf(value);
        if (told === null) continue;
        const alert = JSON.stringify({
          ...told,
          stream: { partition: batch.partition, id: `${TOPIC_EPOCH}-${offset}` },
        });
        pipeline.publish('alerts', alert);
        pipeline.publish(`alerts:${state.severity.toLowerCase()}`, alert);
        pipeline.publish(`alerts:service:${state.service}`, alert);
      }
      await pipeline.exec();
    }
  });
  await Promise.all(partitions);
  return (performance.now() - started) / 1_000;
}
