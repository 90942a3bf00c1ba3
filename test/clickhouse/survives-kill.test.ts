import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import { expect, it } from 'vitest';
import type { SinkBatch, SinkConnector } from '@incident-streams/streams';
import { startClickHouseEngine } from '../../cli/services/clickhouse-engine.ts';
import { createTransitionsSink } from '../../connectors/clickhouse/index.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { engineForTests } from './engine-for-tests.ts';
import { StrikeProxy } from './kills/strike-proxy.ts';
import { TRANSITIONS, batchOf, makeState, makeTransition } from './records.ts';

const clickhouse = engineForTests();
const ROWS = 60_000;

async function writeUntilTaken(
  sink: SinkConnector<string, IncidentTransition>,
  batch: SinkBatch<string, IncidentTransition>,
): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await sink.write(batch);
      return failures;
    } catch (error) {
      if (failures === 100) throw error;
      await sleep(100);
    }
  }
}

it('shows a batch once whose engine was killed in the middle of its insert', async () => {
  const sink = createTransitionsSink(clickhouse.connection);
  await sink.open(TRANSITIONS);
  let interrupted = 0;
  for (const [partition, delayMs] of [20, 60, 120, 200, 300].entries()) {
    const values = Array.from({ length: ROWS }, (_, index) =>
      makeTransition('DETECTED', makeState({ incidentId: `inc-${partition}-${index}` })),
    );
    const writing = writeUntilTaken(sink, batchOf(TRANSITIONS, values, { partition }));
    await sleep(delayMs);
    const { processId } = clickhouse.engine;
    const killed = processId();
    process.kill(killed, 'SIGKILL');
    interrupted += (await writing) > 0 ? 1 : 0;
    await expect.poll(processId, { timeout: 50_000 }).not.toBe(killed);
  }
  await sink.close();
  expect(interrupted).toBeGreaterThan(0);
  const query = `SELECT topic_partition, toUInt32(count()) AS rows, toUInt32(uniqExact(topic_offset)) AS offsets
    FROM transitions GROUP BY topic_partition ORDER BY topic_partition`;
  const expected = [0, 1, 2, 3, 4].map((topic_partition) => ({ topic_partition, rows: ROWS, offsets: ROWS }));
  expect(await clickhouse.rows(query)).toEqual(expected);
});

it('shows a batch once that was inserted and whose acknowledgement was lost', async () => {
  const proxy = await StrikeProxy.start(clickhouse.engine, 'transition_log');
  const sink = createTransitionsSink({ ...clickhouse.connection, url: proxy.url });
  await sink.open(TRANSITIONS);
  const values = [1, 2, 3].map((n) => makeTransition('DETECTED', makeState({ incidentId: `lost-${n}` })));
  const kill = (): void => void process.kill(clickhouse.engine.processId(), 'SIGKILL');
  const struck = proxy.strike({ moment: 'after', delayMs: 0, kill });
  expect(await writeUntilTaken(sink, batchOf(TRANSITIONS, values, { partition: 9 }))).toBeGreaterThan(0);
  expect(await struck).toEqual({ taken: true });
  await sink.close();
  proxy.close();
  const query = 'SELECT toUInt32(count()) AS n FROM transitions WHERE topic_partition = 9';
  expect(await clickhouse.rows(query)).toEqual([{ n: 3 }]);
});

it('comes back with all that was acknowledged after its parent was killed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'clickhouse-killed-'));
  const program = fileURLToPath(new URL('./killed-process.ts', import.meta.url));
  const parent = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(parent, 'exit');
  let acknowledged = 0;
  for await (const line of createInterface({ input: parent.stdout })) {
    acknowledged = Number(line);
    if (acknowledged >= 20_000) parent.kill('SIGKILL');
  }
  await gone;
  // At once: the engine that was left behind may still be closing.
  const engine = await startClickHouseEngine({ dataDir });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  const client = createClient({ url: engine.url });
  const result = await client.query({
    query: 'SELECT toUInt32(count()) AS rows, toUInt32(max(topic_offset)) + 1 AS next FROM transitions',
    format: 'JSONEachRow',
  });
  const [found] = await result.json<{ rows: number; next: number }>();
  await client.close();
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
  expect(found?.rows).toBe(found?.next);
  expect(found?.rows).toBeGreaterThanOrEqual(acknowledged);
});

it('says who uses the data instead of waiting for ever', async () => {
  const { dataDir } = clickhouse;
  const second = await startClickHouseEngine({ dataDir, lockTimeoutMs: 300 });
  expect(second).toEqual({
    unavailable: expect.stringContaining(`process ${clickhouse.engine.processId()} is still using`) as string,
  });
});
