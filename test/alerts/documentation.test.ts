import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { startOwnRedis } from '../redis/redis-under-test.ts';
import { problemsOfAlert } from '../schemas/alert-schema.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';
import { alertsOf, idsByPartition, receive } from './received.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8');

function blocks(language: string): string[] {
  return [...DOCUMENT.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, of, text]) =>
    of === language ? [text ?? ''] : [],
  );
}

test.each([
  ['ts', 'subscribe.ts'],
  ['py', 'subscribe.py'],
  ['sh', 'subscribe.sh'],
])('the only %s block of docs/alerts.md is examples/alerts/%s as it is', (language, file) => {
  expect(blocks(language)).toEqual([readFileSync(join(ROOT, 'examples/alerts', file), 'utf8')]);
});

test('the alert that docs/alerts.md shows is one', () => {
  const [alert, ...others] = blocks('json').map((text) => JSON.parse(text) as unknown);
  expect(others).toEqual([]);
  expect(problemsOfAlert(alert)).toEqual([]);
});

await describeWithPrograms(['redis-server'], 'docs/alerts.md', () => {
  test('the user that it sets up hears and reads every alert, and may write nothing', async () => {
    const redis = await startOwnRedis();
    const client = new Redis(redis.url);
    const rule = /`ACL SETUSER ([^`]+)`/.exec(DOCUMENT)?.[1] ?? '';
    await client.call('ACL', 'SETUSER', ...rule.split(' '));
    const url = redis.url.replace('//', '//subscriber:secret@');
    const writer = await AlertWriter.open(redis.url, { maxStreamEntries: 100, length: 600 });
    const receiver = receive({ url, from: 'now', pollMs: 600_000 });
    const position = (await receiver.subscription.begun()) ?? '';
    await receiver.told('connected');
    await writer.write(60);
    await receiver.received(writer.count());
    await receiver.close();
    expect(idsByPartition(alertsOf(receiver.deliveries), 2)).toEqual(writer.written());

    await writer.write();
    const late = receive({ url, from: position });
    await late.told('gap');
    await late.close();
    await writer.close();

    const limited = new Redis(url);
    for (const [command, ...args] of [
      ['PUBLISH', 'alerts', '{}'],
      ['XADD', 'incidents:{p0}:alerts', '*', 'alert', '{}'],
      ['DEL', 'incidents:meta'],
      ['FLUSHALL'],
      ['CONFIG', 'GET', '*'],
    ] as const) {
      await expect(limited.call(command, ...args), command).rejects.toThrow('NOPERM');
    }
    limited.disconnect();
    client.disconnect();
    await redis.stop();
  });
});
