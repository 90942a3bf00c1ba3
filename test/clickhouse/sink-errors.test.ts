import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createTransitionsSink, createWindowsSink } from '../../connectors/clickhouse/index.ts';
import { engineForTests } from './engine-for-tests.ts';
import { TRANSITIONS, WINDOWS, batchOf, makeState, makeTransition, makeWindow } from './records.ts';

const clickhouse = engineForTests();

/** Accepts connections and never says a word. */
async function silentServer(): Promise<{ url: string; close: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

it('says CLICKHOUSE_UNAVAILABLE within the time given when nobody listens', async () => {
  const sink = createTransitionsSink({ url: 'http://127.0.0.1:1', connectTimeoutMs: 400 });
  const startMs = performance.now();
  await expect(sink.open(TRANSITIONS)).rejects.toMatchObject({
    code: 'CLICKHOUSE_UNAVAILABLE',
    message: expect.stringContaining('http://127.0.0.1:1 did not answer within 400 ms') as string,
  });
  expect(performance.now() - startMs).toBeLessThan(9_000);
});

it('says CLICKHOUSE_UNAVAILABLE within the time given when the other side is silent', async () => {
  const silent = await silentServer();
  const sink = createTransitionsSink({ url: silent.url, connectTimeoutMs: 400 });
  const startMs = performance.now();
  await expect(sink.open(TRANSITIONS)).rejects.toMatchObject({ code: 'CLICKHOUSE_UNAVAILABLE' });
  expect(performance.now() - startMs).toBeLessThan(9_000);
  silent.close();
});

it('names table and offsets of a batch that found no ClickHouse', async () => {
  const sink = createTransitionsSink({ ...clickhouse.connection, requestTimeoutMs: 500 });
  await sink.open(TRANSITIONS);
  process.kill(clickhouse.engine.processId(), 'SIGSTOP');
  const batch = batchOf(TRANSITIONS, [makeTransition('DETECTED', makeState())], {
    partition: 3,
    firstOffset: 40,
  });
  try {
    await expect(sink.write(batch)).rejects.toMatchObject({
      code: 'CLICKHOUSE_UNAVAILABLE',
      message: expect.stringContaining('incident.transitions[3]@40–40 for transition_log') as string,
    });
  } finally {
    process.kill(clickhouse.engine.processId(), 'SIGCONT');
  }
  await expect.poll(() => sink.write(batch).then(() => 'written'), { timeout: 50_000 }).toBe('written');
  await sink.close();
});

it('names table and offsets of a batch that ClickHouse refuses', async () => {
  const sink = createWindowsSink({ ...clickhouse.connection, database: 'broken' });
  await sink.open(WINDOWS);
  await clickhouse.writer.command({ query: 'ALTER TABLE broken.window_log DROP COLUMN samples' });
  const batch = batchOf(WINDOWS, [makeWindow(), makeWindow()], { partition: 1, firstOffset: 7 });
  await expect(sink.write(batch)).rejects.toMatchObject({
    code: 'CLICKHOUSE_INSERT_REFUSED',
    message: expect.stringMatching(/incident\.windows\[1\]@7–8 for window_log: .*samples/) as string,
  });
  await sink.close();
});

it('refuses to open as somebody who may not write, with the words of ClickHouse', async () => {
  const asReader = createTransitionsSink({ url: clickhouse.engine.url, database: 'forbidden' });
  await expect(asReader.open(TRANSITIONS)).rejects.toMatchObject({
    code: 'CLICKHOUSE_PREPARATION',
    message: expect.stringContaining('needs the writer') as string,
  });
});

it('refuses a batch before it is opened', async () => {
  const sink = createTransitionsSink(clickhouse.connection);
  await expect(sink.write(batchOf(TRANSITIONS, []))).rejects.toMatchObject({
    code: 'CLICKHOUSE_SINK_NOT_OPEN',
  });
});

it('takes user, password and database from the URL, and shows no password', async () => {
  const { host } = new URL(clickhouse.engine.url);
  const { username, password } = clickhouse.engine.writer;
  const sink = createWindowsSink({ url: `http://${username}:${password}@${host}/elsewhere` });
  await sink.open(WINDOWS);
  await sink.write(batchOf(WINDOWS, [makeWindow()]));
  await sink.close();
  expect(await clickhouse.rows('SELECT count FROM elsewhere.windows')).toEqual([{ count: 5 }]);
  const away = createWindowsSink({ url: 'http://someone:secret@127.0.0.1:1/x', connectTimeoutMs: 100 });
  await expect(away.open(WINDOWS)).rejects.toMatchObject({
    message: expect.not.stringContaining('secret') as string,
  });
});
