import { Registry } from 'prom-client';
import type { KafkaSinkStatus, SinkEvent } from '@incident-streams/streams/kafka';
import { expect, test } from 'vitest';
import { createLog } from '../../../cli/run/log.ts';
import { RetryDigest } from '../../../cli/run/roles/retry-digest.ts';
import { SinkLog } from '../../../cli/run/roles/sink-log.ts';
import { countEvents, readinessOf } from '../../../cli/run/roles/sinks-role.ts';

type Retrying = Extract<SinkEvent, { type: 'sink-retrying' }>;

const connector = 'redis';

function retrying(partition: number, change: Partial<Retrying> = {}): Retrying {
  const [reason, code, partitions] = ['nobody there', 'REDIS_UNAVAILABLE', [partition]];
  return { type: 'sink-retrying', connector, reason, code, partitions, ...change };
}

/** A log at a time that the test sets. */
function logged() {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  const clock = { nowMs: 0 };
  const sinkLog = new SinkLog(
    createLog({ level: 'info', secrets: [], destination }),
    new RetryDigest(() => clock.nowMs),
  );
  return { lines, clock, hear: (event: SinkEvent) => sinkLog.hear(event) };
}

test('of attempts that fail alike the first is logged, then one every 30 s, then the recovery', () => {
  const { lines, clock, hear } = logged();
  for (; clock.nowMs < 65_000; clock.nowMs += 1_000)
    for (const partition of [0, 1, 2]) hear(retrying(partition));
  hear({ type: 'sink-recovered', connector });
  expect(lines).toMatchObject([
    { level: 'warn', event: 'sink-retrying', code: 'REDIS_UNAVAILABLE', partitions: [0], failures: 1 },
    { level: 'warn', event: 'sink-retrying', partitions: [0, 1, 2], failures: 91, forMs: 30_000 },
    { level: 'warn', event: 'sink-retrying', partitions: [0, 1, 2], failures: 181, forMs: 60_000 },
    { level: 'info', event: 'sink-recovered', partitions: [0, 1, 2], failures: 195, forMs: 65_000 },
  ]);
  hear(retrying(0));
  expect(lines).toHaveLength(5);
});

test('a reason that changes is logged at once, a position within it changes nothing', () => {
  const { lines, hear } = logged();
  hear(retrying(0, { reason: 'out[0]@17: no number' }));
  hear(retrying(1, { reason: 'out[1]@4: no number' }));
  hear(retrying(1, { reason: 'disk full' }));
  hear(retrying(1, { reason: 'disk full', code: 'REDIS_READ_ONLY' }));
  hear(retrying(0, { reason: 'out[0]@17: no number' }));
  hear(retrying(0, { connector: 'clickhouse', reason: 'disk full' }));
  expect(lines.map(({ connector: name, code, reason }) => [name, code, reason])).toEqual([
    ['redis', 'REDIS_UNAVAILABLE', 'out[0]@17: no number'],
    ['redis', 'REDIS_UNAVAILABLE', 'disk full'],
    ['redis', 'REDIS_READ_ONLY', 'disk full'],
    ['clickhouse', 'REDIS_UNAVAILABLE', 'disk full'],
  ]);
});

test('an attempt of a webhook is logged once: by the webhook itself', () => {
  const { lines, hear } = logged();
  const failed = { connector: 'webhook-pager', code: 'WEBHOOK_UNAVAILABLE', reason: 'it answered 503' };
  hear(retrying(0, failed));
  hear(retrying(0, { ...failed, code: 'WEBHOOK_GIVEN_UP', reason: 'no dead-letter topic' }));
  hear({ type: 'sink-recovered', connector: 'webhook-pager' });
  expect(lines).toMatchObject([
    { event: 'sink-retrying', code: 'WEBHOOK_GIVEN_UP' },
    { event: 'sink-recovered', failures: 2 },
  ]);
});

test('what an outside system has lost is logged and counted', async () => {
  const { lines, hear } = logged();
  const metrics = new Registry();
  const count = countEvents({ metrics });
  const lost = { connector, partition: 3, fromOffset: 4, toOffset: 10, snapshot: true };
  const restoring: SinkEvent = { type: 'sink-restoring', ...lost };
  const restored: SinkEvent = { type: 'sink-restored', connector, partition: 3 };
  for (const event of [restoring, restored]) {
    hear(event);
    count(event);
  }
  expect(lines).toMatchObject([
    { level: 'warn', event: 'sink-restoring', ...lost },
    { level: 'info', event: 'sink-restored', connector, partition: 3 },
  ]);
  expect(await metrics.metrics()).toContain('incidents_sink_restores_total{sink="redis"} 1');
});

test('a sink that has not been opened is not ready, and says what it waits for', () => {
  const status: KafkaSinkStatus = {
    connector,
    topic: 'incident.transitions',
    lag: 8,
    restoring: false,
    failure: undefined,
    state: 'starting',
    waitingFor: 'the outside system',
    partitions: [],
    deleted: [],
  };
  const reason = 'waits for the outside system (8 records behind)';
  expect(readinessOf(status)).toEqual({ name: connector, state: 'starting', reason });
  const running = { ...status, state: 'running', waitingFor: undefined, partitions: [0, 1] } as const;
  expect(readinessOf(running)).toMatchObject({ state: 'ready', reason: '2 partitions, 8 records behind' });
});
