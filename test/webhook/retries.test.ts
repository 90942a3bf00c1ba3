import { expect, test } from 'vitest';
import { startReceiver, statuses } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { batchOf, openSink, opened } from './sink-under-test.ts';

const idsOf = ({ requests }: Receiver): unknown[] => requests.map(({ headers }) => headers['webhook-id']);

test.each([408, 425, 429, 500, 502, 503, 504, 599])(
  'after %i the alert is sent again, under the same id',
  async (status) => {
    const receiver = await startReceiver(statuses(status, status));
    const { writeUntilDone, deadLetters } = await openSink(receiver.url);
    const failures = await writeUntilDone(batchOf(opened(1)));
    expect(idsOf(receiver)).toEqual(['incident-0/1', 'incident-0/1', 'incident-0/1']);
    expect(failures).toHaveLength(2);
    expect(failures[0]).toContain(`attempt 1 failed: it answered ${status}`);
    expect(deadLetters).toEqual([]);
  },
);

test.each([300, 301, 400, 401, 403, 404, 409, 410, 418, 422])(
  'after %i the alert is a dead letter, with the reason, and the next is sent',
  async (status) => {
    const receiver = await startReceiver(statuses(status));
    const { sink, deadLetters, events } = await openSink(receiver.url);
    await sink.write(batchOf(opened(2), { partition: 1 }));
    expect(idsOf(receiver)).toEqual(['incident-0/1', 'incident-1/1']);
    expect(deadLetters).toMatchObject([{ partition: 1, offset: 0, error: { code: 'WEBHOOK_GIVEN_UP' } }]);
    const message = deadLetters[0]?.error.message ?? '';
    expect(message).toContain('webhook pager: alert incident-0/1 at incident.transitions[1]@0');
    expect(message).toContain(`after 1 attempt(s): it answered ${status}`);
    expect(message).not.toContain('topsecret');
    expect(events).toContainEqual(expect.objectContaining({ type: 'dead-lettered', gone: status === 410 }));
  },
);

test('after maxAttempts the alert is a dead letter, and the next begins anew', async () => {
  const receiver = await startReceiver(statuses(500, 500, 500, 503));
  const { writeUntilDone, deadLetters } = await openSink(receiver.url, { maxAttempts: 3 });
  await writeUntilDone(batchOf(opened(2)));
  const [first, second] = ['incident-0/1', 'incident-1/1'];
  expect(idsOf(receiver)).toEqual([first, first, first, second, second]);
  expect(deadLetters).toMatchObject([{ offset: 0 }]);
  expect(deadLetters[0]?.error.message).toContain('after 3 attempt(s): it answered 500');
});

test('after giveUpAfterMs the alert is a dead letter', async () => {
  const receiver = await startReceiver(statuses(...Array.from({ length: 10_000 }, () => 500)));
  const { writeUntilDone, deadLetters } = await openSink(receiver.url, {
    maxAttempts: 1_000_000,
    // Long enough for two attempts on a busy machine.
    giveUpAfterMs: 3_000,
    maxBackoffMs: 20,
  });
  await writeUntilDone(batchOf(opened(1)));
  expect(deadLetters).toHaveLength(1);
  expect(receiver.requests.length).toBeGreaterThan(1);
});

test('the time until giving up begins with the first attempt, not with a pause that the target has asked for before', async () => {
  const receiver = await startReceiver((response, { alert }, index) => {
    if (index === 0) response.writeHead(429, { 'retry-after': '4' }).end();
    else response.writeHead(alert.id === 'late/1' && index < 3 ? 503 : 204).end();
  });
  const { sink, writeUntilDone, deadLetters } = await openSink(receiver.url, {
    giveUpAfterMs: 3_500,
    maxBackoffMs: 1,
  });
  // Given up at once: the pause is longer than it may take. It holds for the other partition all the same.
  await sink.write(batchOf(opened(1)));
  expect(deadLetters).toMatchObject([{ partition: 0 }]);
  await writeUntilDone(batchOf(opened(1, { incident: 'late' }), { partition: 1 }));
  expect(idsOf(receiver)).toEqual(['incident-0/1', 'late/1', 'late/1', 'late/1']);
  expect(deadLetters).toHaveLength(1);
});

test('a dead letter that cannot be stored is stored later; the alert is not sent again', async () => {
  const receiver = await startReceiver(statuses(400));
  let refusals = 2;
  const stored: number[] = [];
  const { writeUntilDone } = await openSink(receiver.url, {
    deadLetter: ({ offset }) => {
      if (refusals-- > 0) return Promise.reject(new Error('Kafka is away'));
      stored.push(offset);
      return Promise.resolve();
    },
  });
  expect(await writeUntilDone(batchOf(opened(1)))).toEqual(['Kafka is away', 'Kafka is away']);
  expect(stored).toEqual([0]);
  expect(receiver.requests).toHaveLength(1);
});

test.each([
  ['seconds', () => '2'],
  ['a date', () => new Date(Date.now() + 2_500).toUTCString()],
])('Retry-After in %s is honoured, also by the other partitions', async (_form, value) => {
  const receiver = await startReceiver((response, _request, index) => {
    if (index === 0) response.writeHead(429, { 'retry-after': value() }).end();
    else response.writeHead(200).end();
  });
  const { writeUntilDone, sink } = await openSink(receiver.url);
  const first = batchOf(opened(1));
  await expect(sink.write(first)).rejects.toThrow('it answered 429');
  await Promise.all([writeUntilDone(first), writeUntilDone(batchOf(opened(1), { partition: 1 }))]);
  const [refused, ...later] = receiver.requests;
  expect(later).toHaveLength(2);
  // A date has whole seconds only.
  for (const { atMs } of later) expect(atMs - (refused?.atMs ?? 0)).toBeGreaterThan(1_400);
});

test('a Retry-After beyond all bounds, or without sense, does not hold an alert for ever', async () => {
  for (const value of ['99999999999', 'Fri, 31 Dec 9999 23:59:59 GMT', '-5', 'soon', '1e9']) {
    const receiver = await startReceiver((response, _request, index) =>
      response.writeHead(index === 0 ? 503 : 200, { 'retry-after': value }).end(),
    );
    const { sink, events } = await openSink(receiver.url);
    await expect(sink.write(batchOf(opened(1)))).rejects.toThrow('it answered 503');
    const retry = events.find(({ type }) => type === 'retrying');
    expect(retry).toMatchObject({ attempts: 1 });
    if (retry?.type === 'retrying') expect(retry.inMs).toBeLessThanOrEqual(300_000);
  }
});

test('a connection that is refused or cut is tried again', async () => {
  const receiver = await startReceiver((response, _request, index) =>
    index < 2 ? response.socket?.destroy() : response.writeHead(200).end(),
  );
  const { writeUntilDone, deadLetters } = await openSink(receiver.url);
  const failures = await writeUntilDone(batchOf(opened(1)));
  expect(failures).toHaveLength(2);
  expect(receiver.requests).toHaveLength(3);
  expect(deadLetters).toEqual([]);
});

test('a target that nobody listens at is given up with the reason', async () => {
  const { writeUntilDone, deadLetters } = await openSink('http://127.0.0.1:1/', { maxAttempts: 2 });
  await writeUntilDone(batchOf(opened(1)));
  expect(deadLetters[0]?.error.message).toContain('after 2 attempt(s): connect ECONNREFUSED 127.0.0.1:1');
});

test('the pauses grow, and chance spreads them between nothing and twice the one before', async () => {
  const receiver = await startReceiver(statuses(500, 500, 500, 500, 500, 500));
  const { writeUntilDone, events } = await openSink(receiver.url, { firstBackoffMs: 8, maxBackoffMs: 32 });
  await writeUntilDone(batchOf(opened(1)));
  const pauses = events.flatMap((event) => (event.type === 'retrying' ? [event.inMs] : []));
  expect(pauses).toHaveLength(6);
  for (const [at, pauseMs] of pauses.entries())
    expect(pauseMs).toBeLessThanOrEqual(Math.min(8 * 2 ** at, 32));
});
