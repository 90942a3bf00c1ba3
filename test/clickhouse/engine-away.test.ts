import { setFlagsFromString } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { createTransitionsSink } from '../../connectors/clickhouse/index.ts';
import { startOutageProxy } from '../faults/sinks/outage-proxy.ts';
import { engineForTests } from './engine-for-tests.ts';
import { TRANSITIONS, batchOf, makeState, makeTransition } from './records.ts';

const clickhouse = engineForTests();

const ROWS = 10_000;
const ATTEMPTS = 50;
/** Some batches' worth of bytes; all the attempts together write about 200 MB. */
const MAX_GROWTH_BYTES = 40_000_000;
const NOBODY_THERE = /ECONNREFUSED|ECONNRESET|socket hang up/;

const values = Array.from({ length: ROWS }, (_, index) =>
  makeTransition('DETECTED', makeState({ incidentId: `inc-${index}` })),
);

/** Bytes that are still in use, after all garbage is gone. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it('a batch that is tried again and again while nobody answers takes no more memory than one', async () => {
  const proxy = await startOutageProxy({
    hostname: '127.0.0.1',
    port: Number(new URL(clickhouse.engine.url).port),
  });
  onTestFinished(() => proxy.close());
  const sink = createTransitionsSink({ ...clickhouse.connection, url: `http://127.0.0.1:${proxy.port}` });
  onTestFinished(() => sink.close());
  await sink.open(TRANSITIONS);
  const batch = batchOf(TRANSITIONS, values);
  proxy.cut();
  const tryOnce = (): Promise<void> =>
    expect(sink.write(batch)).rejects.toMatchObject({
      code: 'CLICKHOUSE_UNAVAILABLE',
      message: expect.stringContaining('incident.transitions[0]@0–9999') as string,
    });
  await tryOnce();
  const before = bytesInUse();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) await tryOnce();
  // Not at once: memory beside the heap is given back in the background.
  await expect.poll(() => bytesInUse() - before, { timeout: 50_000 }).toBeLessThan(MAX_GROWTH_BYTES);
  await proxy.mend();
  await sink.write(batch);
  expect(await clickhouse.rows('SELECT toUInt32(count()) AS rows FROM transitions')).toEqual([
    { rows: ROWS },
  ]);
});

it('a reader is told that nobody is there while the engine is away, and never gets a wrong answer', async () => {
  const sink = createTransitionsSink(clickhouse.connection);
  await sink.open(TRANSITIONS);
  await sink.write(batchOf(TRANSITIONS, values, { partition: 1 }));
  await sink.close();
  const count = 'SELECT toUInt32(count()) AS rows FROM transitions WHERE topic_partition = 1';
  const { processId } = clickhouse.engine;
  const killed = processId();
  const interrupted = clickhouse.rows('SELECT max(cityHash64(number)) FROM numbers(1000000000000)');
  const refused = expect(interrupted).rejects.toThrow(NOBODY_THERE);
  await clickhouse.rows(count);
  process.kill(killed, 'SIGKILL');
  await refused;
  const failures: string[] = [];
  const giveUpAtMs = Date.now() + 60_000;
  for (;;) {
    const answer = await clickhouse.rows(count).catch((error: unknown) => String(error));
    if (typeof answer !== 'string') {
      expect(answer).toEqual([{ rows: ROWS }]);
      break;
    }
    failures.push(answer);
    expect(Date.now(), answer).toBeLessThan(giveUpAtMs);
    await sleep(20);
  }
  expect(processId()).not.toBe(killed);
  expect(failures.filter((failure) => !NOBODY_THERE.test(failure))).toEqual([]);
  expect(failures).not.toEqual([]);
});
