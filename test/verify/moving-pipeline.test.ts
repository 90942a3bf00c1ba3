import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { problem } from '../run/support/upstream.ts';
import { startRun } from '../run/support/run-process.ts';
import { describeWith } from '../services/describe-with.ts';
import { KafkaByHand } from './kafka-by-hand.ts';
import { sendSomeOfEverything, startSmallPipeline, stopWithNothingLeft } from './small-pipeline.ts';
import { verify } from './verify-process.ts';

const PATIENCE_MS = 400_000;

await describeWith(
  ['kafka', 'schemaRegistry', 'redis', 'clickhouse'],
  'incidents verify of a pipeline that moves',
  (urls) => {
    test('calls nothing wrong while events flow', { timeout: PATIENCE_MS }, async () => {
      const pipeline = await startSmallPipeline(urls);
      const { upstream, environment } = pipeline;
      const flow = new AbortController();
      const flowing = (async () => {
        for (let i = 0; !flow.signal.aborted; i++) {
          const severity = i % 3 === 0 ? 'CRITICAL' : 'MAJOR';
          await upstream.send(
            Array.from({ length: 20 }, (_, n) =>
              problem({ id: `flow-${i}-${n}`, component: `part-${(i + n) % 40}`, severity }),
            ),
          );
          await sleep(20);
        }
      })();
      try {
        for (let round = 0; round < 2; round++) {
          const moving = await verify(environment, ['--timeout', '60']);
          expect(moving.findings.filter(({ verdict }) => verdict === 'MISMATCH')).toEqual([]);
          expect(moving.of('transitions').compared).not.toMatch(/^0 /);
        }
      } finally {
        flow.abort();
        await flowing;
      }
      const after = await verify(environment, ['--timeout', '90']);
      expect(after.findings.filter(({ verdict }) => verdict !== 'MATCH')).toEqual([]);
    });

    test(
      'says of what is behind by how much, of what is off nothing, and from where on it could check',
      { timeout: PATIENCE_MS },
      async () => {
        const pipeline = await startSmallPipeline(urls);
        await sendSomeOfEverything(pipeline);
        await stopWithNothingLeft(pipeline);
        const { environment, prefix, upstream } = pipeline;

        const withoutSinks = { ...environment, INCIDENTS_REDIS_URL: '', INCIDENTS_CLICKHOUSE_URL: '' };
        const off = await verify(withoutSinks, ['--only', 'redis,clickhouse']);
        expect(off.verdicts).toEqual({ redis: 'OFF', clickhouse: 'OFF' });
        expect(off.exitCode).toBe(0);

        const topologyAlone = startRun({
          ...environment,
          INCIDENTS_ROLE: 'topology',
          INCIDENTS_TICKS_ENABLED: 'false',
        });
        await topologyAlone.whenReady();
        await upstream.send([problem({ id: 'unseen', component: 'unseen', severity: 'CRITICAL' })]);
        const ahead = await verify(environment, ['--only', 'transitions', '--timeout', '60']);
        expect(ahead.exitCode).toBe(0);
        const behind = await verify(environment, ['--only', 'redis,clickhouse', '--timeout', '2']);
        expect(behind.exitCode).toBe(2);
        expect(behind.of('redis incidents').reasons.join()).toMatch(/Redis is \d+ transitions behind/);
        expect(behind.of('clickhouse transition_log').reasons.join()).toMatch(
          /clickhouse-transitions is \d+ offsets behind/,
        );
        await topologyAlone.stop('SIGTERM');

        const { admin } = new KafkaByHand(urls.kafka).cluster;
        for (const partition of [0, 1])
          await admin.deleteRecords({ topic: `${prefix}incident.transitions`, partition }, 3);
        const begun = await verify(environment, ['--only', 'transitions,state', '--timeout', '20']);
        expect(begun.exitCode).toBe(2);
        expect(begun.of('transitions').reasons.join()).toMatch(/begins at offset 3/);
      },
    );
  },
);
