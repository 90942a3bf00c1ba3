import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import type { RuntimeEvent, TaskStatus } from '@incident-streams/streams/kafka';
import { RecentMeasurements } from '../../../cli/run/metrics/recent-measurements.ts';
import { StreamMetrics } from '../../../cli/run/metrics/stream-metrics.ts';
import { startMonitoring } from '../../../cli/run/monitoring-server.ts';
import { Parts } from '../../../cli/run/parts.ts';

async function monitored(registry = new Registry(), parts = new Parts()): Promise<string> {
  const server = await startMonitoring({
    host: '127.0.0.1',
    port: 0,
    registry,
    parts: () => parts.all(),
    log: pino({ level: 'silent' }),
  });
  onTestFinished(() => server.close());
  return server.url;
}

async function statusOf(url: string): Promise<[number, unknown]> {
  const response = await fetch(url);
  return [response.status, await response.json()];
}

test('a process lives from the start on, and is ready when each of its parts is', async () => {
  const parts = new Parts();
  const url = await monitored(new Registry(), parts);
  parts.set('kafka', 'starting', 'no broker answers');
  parts.set('clickhouse', 'off', 'no url');
  expect(await statusOf(`${url}/healthz`)).toEqual([200, { status: 'up' }]);
  expect(await statusOf(`${url}/readyz`)).toEqual([
    503,
    {
      ready: false,
      parts: [
        { name: 'kafka', state: 'starting', reason: 'no broker answers' },
        { name: 'clickhouse', state: 'off', reason: 'no url' },
      ],
    },
  ]);
  parts.set('kafka', 'ready');
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405);
});

const RUNNING: TaskStatus = {
  id: '1_2',
  state: 'running',
  lag: 7,
  restore: undefined,
  counters: {
    'ledger-received': 10,
    'ledger-applied': 6,
    'ledger-duplicate': 2,
    'ledger-late': 1,
    'ledger-rejected': 1,
    unreadable: 3,
  },
};
const RESTORING: TaskStatus = {
  id: '1_3',
  state: 'restoring',
  lag: 0,
  restore: { store: 'incidents', restored: 10, remaining: 90, estimateMs: 50 },
  counters: {},
};
const COMMITS: readonly RuntimeEvent[] = [
  { type: 'committed', task: '1_2', records: 30, durationMs: 10 },
  { type: 'committed', task: '1_2', records: 12, durationMs: 30 },
];

test("what the runtime tells becomes metrics under Kafka Streams' names", async () => {
  const registry = new Registry();
  const metrics = new StreamMetrics(registry);
  metrics.observe({ state: () => 'running', tasks: () => [RUNNING, RESTORING] });
  for (const event of COMMITS) metrics.hear(event);
  const response = await fetch(`${await monitored(registry)}/metrics`);
  const lines = (await response.text()).split('\n');
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(lines).toEqual(
    expect.arrayContaining([
      'kafka_streams_stream_metrics_client_state 2',
      'kafka_streams_stream_task_metrics_process_total{task_id="1_2"} 42',
      'kafka_streams_stream_thread_metrics_commit_total 2',
      'kafka_streams_stream_thread_metrics_commit_latency_avg 20',
      'kafka_streams_stream_thread_metrics_commit_latency_max 30',
      'kafka_consumer_consumer_fetch_manager_metrics_records_lag{task_id="1_2"} 7',
      'kafka_streams_stream_task_metrics_restore_remaining_records_total{task_id="1_3"} 90',
      'kafka_streams_stream_state_updater_metrics_active_restoring_tasks 1',
      'kafka_streams_stream_task_metrics_dropped_records_total{task_id="1_2",reason="duplicate"} 2',
      'kafka_streams_stream_task_metrics_dropped_records_total{task_id="1_2",reason="late"} 1',
      'kafka_streams_stream_task_metrics_dropped_records_total{task_id="1_2",reason="unreadable"} 3',
      'incidents_ledger_events_total{task_id="1_2",verdict="received"} 10',
    ]),
  );
});

test('a task that has gone leaves no metric behind', async () => {
  const registry = new Registry();
  const metrics = new StreamMetrics(registry);
  const tasks = [RUNNING];
  metrics.observe({ state: () => 'running', tasks: () => tasks });
  for (const event of COMMITS) metrics.hear(event);
  await registry.metrics();
  tasks.pop();
  metrics.hear({ type: 'task-closed', task: '1_2' });
  expect(await registry.metrics()).not.toContain('1_2');
});

test('measurements are forgotten after a minute', () => {
  let now = 0;
  const recent = new RecentMeasurements(() => now);
  recent.add(100);
  now = 30_000;
  recent.add(20);
  expect([recent.average(), recent.max(), recent.sumPerSecond()]).toEqual([60, 100, 4]);
  now = 65_000;
  expect([recent.average(), recent.max(), recent.countPerSecond()]).toEqual([20, 20, 1 / 60]);
  now = 200_000;
  expect([recent.average(), recent.max(), recent.sumPerSecond()]).toEqual([0, 0, 0]);
});
