import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { startRedis } from '../services/native/redis.ts';
import { temporaryFolder } from '../run/support/run-process.ts';
import { sendSomeOfEverything, startSmallPipeline, stopWithNothingLeft } from './small-pipeline.ts';
import { verify } from './verify-process.ts';

const PATIENCE_MS = 300_000;

await describeWith(
  ['kafka', 'schemaRegistry', 'redis', 'clickhouse'],
  'incidents verify of Redis',
  (urls) => {
    test(
      'names each key that was changed by hand, and says nothing of the others',
      { timeout: PATIENCE_MS },
      async () => {
        const pipeline = await startSmallPipeline(urls);
        const incident = await sendSomeOfEverything(pipeline);
        await stopWithNothingLeft(pipeline);
        const { redis, prefix, environment } = pipeline;
        const partition =
          (await redis.exists(`${prefix}incidents:{p0}:incident:${incident.incidentId}`)) === 1 ? 0 : 1;
        const base = `${prefix}incidents:{p${partition}}:`;
        const other = `${prefix}incidents:{p${1 - partition}}:`;
        const hash = `${base}incident:${incident.incidentId}`;
        await redis.hset(hash, 'severity', 'INFO');
        await redis.zrem(`${base}open`, incident.incidentId);
        await redis.hset(`${base}incident:made-up`, 'status', 'OPEN');
        await redis.hincrby(`${base}counters`, 'OPENED', 1);
        await redis.zadd(`${base}open:nobody`, 1, 'made-up');
        const [otherId] = await redis.smembers(`${other}ids`);
        await redis.srem(`${other}ids`, otherId ?? '');
        const [[alertId] = ['']] = await redis.xrange(`${base}alerts`, '-', '+', 'COUNT', 1);
        await redis.xdel(`${base}alerts`, alertId);

        const after = await verify(environment, ['--only', 'redis', '--max-keys', '100']);
        expect(after.exitCode).toBe(1);
        const places = after.of('redis incidents').differences.map(({ at }) => at);
        expect(places.sort()).toEqual(
          [
            hash,
            `${base}open ${incident.incidentId}`,
            `${base}incident:made-up`,
            `${base}counters OPENED`,
            `${base}open:nobody made-up`,
            `${other}ids ${otherId}`,
          ].sort(),
        );
        expect(after.of('redis incidents').differences.find(({ at }) => at === hash)).toEqual({
          at: hash,
          expected: 'severity=CRITICAL',
          found: 'severity=INFO',
        });
        expect(after.of('redis alerts')).toMatchObject({
          verdict: 'MISMATCH',
          differences: [{ at: `${base}alerts ${alertId}`, found: '(nothing)' }],
        });
      },
    );

    test(
      'says that it could not check a Redis that is away, or has lost everything, and checks the rest',
      { timeout: PATIENCE_MS },
      async () => {
        const folder = temporaryFolder();
        const server = await startRedis(folder);
        onTestFinished(async () => {
          await server.stop();
          rmSync(folder, { recursive: true, force: true });
        });
        const pipeline = await startSmallPipeline(
          { ...urls, redis: server.url },
          { INCIDENTS_REDIS_TIMEOUT_MS: '1000' },
        );
        await sendSomeOfEverything(pipeline);
        await stopWithNothingLeft(pipeline);

        await pipeline.redis.flushall();
        const emptied = await verify(pipeline.environment, ['--only', 'redis', '--timeout', '2']);
        expect(emptied.verdicts).toEqual({
          'redis incidents': 'COULD-NOT-CHECK',
          'redis alerts': 'COULD-NOT-CHECK',
        });
        expect(emptied.of('redis incidents').reasons.join()).toMatch(/\d+ transitions behind/);
        expect(emptied.exitCode).toBe(2);

        await server.stop();
        const away = await verify(pipeline.environment, ['--timeout', '60']);
        expect(away.of('redis incidents').verdict).toBe('COULD-NOT-CHECK');
        expect(away.of('redis incidents').reasons.join()).toMatch(/no connection to Redis/);
        const others = away.findings.filter(({ check }) => check !== 'redis');
        expect(others.map(({ verdict }) => verdict)).toEqual(others.map(() => 'MATCH'));
        expect(away.exitCode).toBe(2);
      },
    );
  },
);
