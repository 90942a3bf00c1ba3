import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NO_HEADERS, stringSerde } from '@incident-streams/streams';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { createHttpPorts } from '../../cli/pipeline/http-ports.ts';
import { PipelineClock } from '../../cli/pipeline/pipeline-clock.ts';
import { openPipeline } from '../../cli/pipeline/pipeline.ts';
import type { Pipeline } from '../../cli/pipeline/pipeline.ts';
import { TransitionHistory } from '../../cli/pipeline/transition-history.ts';
import { createHttpServer, listenHttp } from '../../connectors/http/index.ts';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { TOPICS, SINKS } from '../../topology/topics.ts';
import { SseClient } from '../http/sse-client.ts';
import { listenForAlerts } from '../redis/alert-listener.ts';
import { startRedisUnderTest } from '../redis/redis-under-test.ts';
import { recordsOf } from '../redis/transitions.ts';
import { ALERT_DESCRIPTION, problemsOfAlert } from '../schemas/alert-schema.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'one alert', () => {
  async function pipelineWithRedis(): Promise<{ pipeline: Pipeline; redisUrl: string; prefix: string }> {
    const directory = await mkdtemp(join(tmpdir(), 'one-alert-'));
    const redis = await startRedisUnderTest();
    const prefix = redis.uniquePrefix();
    const pipeline = openPipeline({
      directory,
      ruleSet: loadRules(undefined),
      sinks: { [SINKS.redis]: createRedisTransitionsSink({ url: redis.url, prefix }) },
    });
    onTestFinished(async () => {
      await pipeline.runtime.close();
      await redis.stop();
      await rm(directory, { recursive: true });
    });
    return { pipeline, redisUrl: redis.url, prefix };
  }

  async function serve(pipeline: Pipeline): Promise<string> {
    const ports = createHttpPorts({
      pipeline,
      clock: new PipelineClock(),
      history: new TransitionHistory(pipeline),
      parts: () => [],
    });
    const server = createHttpServer(ports);
    onTestFinished(() => server.close());
    return listenHttp(server);
  }

  function writeTransitions(pipeline: Pipeline): void {
    const types = [
      'DETECTED',
      'OPENED',
      'ESCALATED',
      'UPDATED',
      'ACKNOWLEDGED',
      'ACK_EXPIRED',
      'RESOLVED',
    ] as const;
    const steps = [...types, 'REOPENED' as const, 'CLOSED' as const].map((type) => ({ incident: 'a', type }));
    pipeline.runtime.produce(
      recordsOf(steps).flatMap(({ key, value, timestamp }) => {
        if (key === null || value === null) return [];
        return {
          topic: TOPICS.transitions,
          timestamp,
          key: stringSerde.serialize(key),
          value: pipeline.serdes.incidentTransition.serialize(value),
          headers: NO_HEADERS,
        };
      }),
    );
  }

  test('who subscribes to Redis and who subscribes over HTTP are told the same, as the one schema says', async () => {
    const { pipeline, redisUrl, prefix } = await pipelineWithRedis();
    const listener = await listenForAlerts(redisUrl, prefix);
    onTestFinished(() => listener.close());
    const client = await SseClient.connect(`${await serve(pipeline)}/alerts`);
    pipeline.runtime.start();
    writeTransitions(pipeline);
    await pipeline.runtime.whenSinksCaughtUp();
    await listener.settle();
    await client.until(() => client.alerts().length === 6);

    const fromHttp = client.alerts().map(({ data }) => JSON.parse(data) as Record<string, unknown>);
    const fromRedis = listener.heard.filter(({ channel }) => channel === 'alerts').map(({ alert }) => alert);
    expect([...fromHttp, ...fromRedis].flatMap(problemsOfAlert)).toEqual([]);
    for (const alert of fromHttp)
      expect(Object.keys(alert).sort()).toEqual([...ALERT_DESCRIPTION.required].sort());
    expect(fromRedis.map(({ stream: _stream, ...shared }) => shared)).toEqual(fromHttp);
    expect(fromRedis.map(({ stream }) => stream.partition)).not.toContain(undefined);
  });
});
