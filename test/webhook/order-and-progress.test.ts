import { expect, test } from 'vitest';
import type { WebhookSinkOptions } from '../../connectors/webhook/index.ts';
import { recordsOf } from '../redis/transitions.ts';
import { accept, startReceiver, statuses } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { batchOf, openSink, opened } from './sink-under-test.ts';

const idsOf = ({ requests }: Receiver): string[] => requests.map(({ alert }) => alert.id);

test('what was lost elsewhere and is restored is told to nobody', async () => {
  const receiver = await startReceiver();
  const { sink } = await openSink(receiver.url);
  await sink.write(batchOf(opened(3), { mode: 'restore' }));
  expect(receiver.requests).toEqual([]);
  expect(await sink.appliedOffset(0)).toBeUndefined();
});

test('transitions that are no alerts are not sent, nor are tombstones', async () => {
  const receiver = await startReceiver();
  const { sink } = await openSink(receiver.url);
  const records = recordsOf([
    { incident: 'a', type: 'DETECTED' },
    { incident: 'a', type: 'OPENED' },
    { incident: 'a', type: 'RESOLVED' },
    { incident: 'a', type: 'CLOSED' },
  ]);
  const [first] = records;
  if (first === undefined) throw new Error('no record');
  await sink.write(batchOf([...records, { ...first, offset: 9, value: null }]));
  expect(receiver.requests.map(({ alert }) => alert.type)).toEqual(['OPENED', 'RESOLVED']);
});

test.each<[Required<WebhookSinkOptions>['filter'], string[]]>([
  [{}, ['a/1', 'b/1', 'c/1', 'a/2']],
  [{ minSeverity: 'MAJOR' }, ['b/1', 'c/1', 'a/2']],
  [{ services: ['payments', 'search'] }, ['a/1', 'c/1', 'a/2']],
  [{ types: ['ESCALATED'] }, ['a/2']],
  [{ minSeverity: 'CRITICAL', services: ['checkout'], types: ['OPENED'] }, ['b/1']],
  [{ services: [] }, []],
])('of the alerts go those that the filter %j names', async (filter, expected) => {
  const receiver = await startReceiver();
  const { sink } = await openSink(receiver.url, { filter });
  await sink.write(
    batchOf(
      recordsOf([
        { incident: 'a', type: 'OPENED', service: 'payments', severity: 'MINOR' },
        { incident: 'b', type: 'OPENED', service: 'checkout', severity: 'CRITICAL' },
        { incident: 'c', type: 'OPENED', service: 'search', severity: 'MAJOR' },
        { incident: 'a', type: 'ESCALATED', severity: 'CRITICAL' },
      ]),
    ),
  );
  expect(idsOf(receiver)).toEqual(expected);
});

test('alerts of an incident arrive in their order, also when the first of them has to be sent again', async () => {
  const receiver = await startReceiver(statuses(503, 503, 200, 500));
  const { writeUntilDone } = await openSink(receiver.url);
  const types = ['OPENED', 'ACKNOWLEDGED', 'RESOLVED', 'REOPENED'] as const;
  await writeUntilDone(batchOf(recordsOf(types.map((type) => ({ incident: 'a', type })))));
  expect(idsOf(receiver)).toEqual(['a/1', 'a/1', 'a/1', 'a/2', 'a/2', 'a/3', 'a/4']);
});

test('in the same process a batch goes on where it failed', async () => {
  const receiver = await startReceiver(statuses(200, 200, 500));
  const { writeUntilDone } = await openSink(receiver.url);
  await writeUntilDone(batchOf(opened(4)));
  const expected = [0, 1, 2, 2, 3].map((at) => `incident-${at}/1`);
  expect(idsOf(receiver)).toEqual(expected);
});

test('after a crash in the middle the batch is sent again from its beginning, with the same ids', async () => {
  const receiver = await startReceiver(statuses(200, 200, 500));
  const before = await openSink(receiver.url);
  await expect(before.sink.write(batchOf(opened(4)))).rejects.toThrow('it answered 500');
  const after = await openSink(receiver.url);
  await after.writeUntilDone(batchOf(opened(4)));
  expect(idsOf(receiver)).toEqual([0, 1, 2, 0, 1, 2, 3].map((at) => `incident-${at}/1`));
  const bodies = new Map(receiver.requests.map(({ alert, body }) => [alert.id, body]));
  for (const { alert, body } of receiver.requests) expect(body).toBe(bodies.get(alert.id));
});

test('partitions keep their progress apart', async () => {
  const receiver = await startReceiver(statuses(200, 500));
  const { sink, writeUntilDone } = await openSink(receiver.url);
  const batches = [batchOf(opened(2)), batchOf(opened(2), { partition: 1 })] as const;
  await expect(sink.write(batches[0])).rejects.toThrow('it answered 500');
  await writeUntilDone(batches[1]);
  await writeUntilDone(batches[0]);
  expect(idsOf(receiver)).toEqual([0, 1, 0, 1, 1].map((at) => `incident-${at}/1`));
});

test('no more requests start in a second than allowed, whichever partition they are of', async () => {
  const receiver = await startReceiver(accept);
  const { sink } = await openSink(receiver.url, { requestsPerSecond: 20 });
  const startedMs = performance.now();
  await Promise.all([0, 1].map((partition) => sink.write(batchOf(opened(25), { partition }))));
  // 20 at once, then 30 at 20 a second.
  expect(performance.now() - startedMs).toBeGreaterThan(1_450);
  expect(receiver.requests).toHaveLength(50);
});

test.each([
  [0.1, 1],
  [1, 5],
  [4, 20],
  [10, 50],
  [1_000, 50],
])('at %d requests a second a batch has %i records, at most', async (requestsPerSecond, expected) => {
  const { sink } = await openSink('http://127.0.0.1:1/', { requestsPerSecond });
  expect(sink.maxBatchRecords).toBe(expected);
});
