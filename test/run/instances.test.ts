import { expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { eventually, startRun } from './support/run-process.ts';
import type { RunProcess } from './support/run-process.ts';
import { Upstream, isolated, problem } from './support/upstream.ts';

const TASKS = 12;
const PROCESSED = 'kafka_streams_stream_task_metrics_process_rate';

/** Each process takes seconds to start on a machine that has much else to do. */
const PATIENCE_MS = 180_000;

await describeWith(['kafka', 'schemaRegistry', 'redis'], 'several processes of a pipeline', (urls) => {
  /** The ids of the tasks that a process runs. */
  async function tasksOf(run: RunProcess): Promise<string[]> {
    const text = await (await run.get('/metrics')).text();
    return [...text.matchAll(new RegExp(`^${PROCESSED}\\{task_id="(\\d+_\\d+)"`, 'gm'))].map(
      ([, id]) => id ?? '',
    );
  }

  async function applied(...runs: readonly RunProcess[]): Promise<number> {
    const counts = runs.map((run) => run.metric('incidents_ledger_events_total', '"applied"'));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  const events = (from: number, to: number): ReturnType<typeof problem>[] =>
    Array.from({ length: to - from }, (_, i) =>
      problem({ id: `event ${from + i}`, component: `part-${(from + i) % 30}` }),
    );

  test(
    'share the tasks; when one stops in peace or is killed, the other goes on where it was',
    { timeout: PATIENCE_MS },
    async () => {
      const { prefix, environment } = isolated(urls);
      const settings = {
        ...environment,
        INCIDENTS_ROLE: 'topology',
        INCIDENTS_PROCESSING_SESSION_TIMEOUT_MS: '3000',
      };
      const first = startRun(settings);
      await first.whenReady();
      expect(await tasksOf(first)).toHaveLength(TASKS);
      const upstream = await Upstream.connect(urls, prefix);
      await upstream.send(events(0, 300));

      const second = startRun(settings);
      await second.whenReady();
      await eventually(async () => {
        const [of1, of2] = [await tasksOf(first), await tasksOf(second)];
        expect([of1.length, of2.length]).toEqual([TASKS / 2, TASKS / 2]);
        expect(new Set([...of1, ...of2]).size).toBe(TASKS);
      });
      await upstream.send(events(200, 600));
      await eventually(async () => expect(await applied(first, second)).toBe(600));

      await upstream.send(events(500, 900));
      const { how, ms } = await first.stop('SIGTERM');
      expect(how).toBe(0);
      expect(ms).toBeLessThan(60_000);
      await eventually(async () => expect(await tasksOf(second)).toHaveLength(TASKS));
      await second.whenReady();
      await eventually(async () => expect(await applied(second)).toBe(900));

      const third = startRun(settings);
      await third.whenReady();
      await upstream.send(events(800, 1_200));
      second.kill('SIGKILL');
      await eventually(async () => expect(await tasksOf(third)).toHaveLength(TASKS));
      await third.whenReady();
      await eventually(async () => expect(await applied(third)).toBe(1_200));
      expect(await third.metric('incidents_ledger_events_total', '"duplicate"')).toBe(300);
    },
  );

  test('each role may run in a process of its own', { timeout: PATIENCE_MS }, async () => {
    const { prefix, environment } = isolated(urls);
    const [topology, sinks, api] = ['topology', 'sinks', 'api'].map((role) =>
      startRun(environment, ['--role', role]),
    ) as [RunProcess, RunProcess, RunProcess];
    for (const run of [topology, sinks, api]) await run.whenReady();
    expect((await sinks.readiness()).parts.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'kafka ready',
      'schema-registry ready',
      'redis ready',
      'clickhouse off',
    ]);
    const url = await api.api();
    const upstream = await Upstream.connect(urls, prefix);
    await upstream.send([problem({ id: 'one', severity: 'CRITICAL' })]);
    await eventually(async () => {
      const { incidents } = (await (await fetch(`${url}/incidents`)).json()) as { incidents: unknown[] };
      expect(incidents).toHaveLength(1);
    });
    // The ledger is the topology's, and each process can tell it.
    await eventually(async () => {
      const stats: unknown = await (await fetch(`${url}/stats`)).json();
      expect(stats).toMatchObject({ total: { received: 1, applied: 1 } });
      expect((stats as { partitions: unknown[] }).partitions).toHaveLength(6);
    });
    expect(await (await fetch(`${url}/services`)).json()).toMatchObject({
      services: [{ service: 'shop', open: 1, worstSeverity: 'CRITICAL' }],
      notLookedThrough: 0,
    });
    for (const run of [topology, sinks, api]) expect((await run.stop('SIGTERM')).how).toBe(0);
  });
});
