import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { WebhookSignatureError, verifyWebhook } from '../../connectors/webhook/index.ts';
import type { ReceivedWebhook } from '../../connectors/webhook/index.ts';
import { startReceiver } from './receiver.ts';
import { SECOND_SECRET, SECRET, batchOf, openSink, opened } from './sink-under-test.ts';

const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What a receiver gets of one alert. */
async function received(secrets: readonly string[]): Promise<ReceivedWebhook & { readonly body: string }> {
  const receiver = await startReceiver();
  const { sink } = await openSink(receiver.url, { secrets });
  await sink.write(batchOf(opened(1)));
  const [request] = receiver.requests;
  if (request === undefined) throw new Error('nothing was sent');
  return { headers: request.headers, body: request.body };
}

test('the example of the Standard Webhooks specification verifies', () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const options = { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', nowMs: 1_614_265_330_000 };
  expect(verifyWebhook({ headers, body: '{"test": 2432232314}' }, options)).toBe(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
  );
});

test('a receiver verifies what it got, and has the id of the alert', async () => {
  const request = await received([SECRET]);
  expect(verifyWebhook(request, { secret: SECRET })).toBe('incident-0/1');
  expect(request.headers['content-type']).toBe('application/json');
  expect(JSON.parse(request.body)).toMatchObject({ id: 'incident-0/1', type: 'OPENED', version: 1 });
});

test('while a secret is changed, receivers with the old and with the new one verify', async () => {
  const request = await received([SECRET, SECOND_SECRET]);
  for (const secret of [SECRET, SECOND_SECRET])
    expect(verifyWebhook(request, { secret })).toBe('incident-0/1');
  expect(() => verifyWebhook(request, { secret: OTHER_SECRET })).toThrow(WebhookSignatureError);
});

const changes: [string, (request: ReceivedWebhook) => ReceivedWebhook][] = [
  ['another body', ({ headers, body }) => ({ headers, body: `${String(body)} ` })],
  ['another id', ({ headers, body }) => ({ headers: { ...headers, 'webhook-id': 'incident-0/2' }, body })],
  [
    'another time',
    ({ headers, body }) => {
      const later = String(Number(headers['webhook-timestamp']) + 1);
      return { headers: { ...headers, 'webhook-timestamp': later }, body };
    },
  ],
  [
    'no signature',
    ({ headers, body }) => ({ headers: { ...headers, 'webhook-signature': undefined }, body }),
  ],
  ['an empty one', ({ headers, body }) => ({ headers: { ...headers, 'webhook-signature': 'v1,' }, body })],
  [
    'one of another version',
    ({ headers, body }) => {
      const signature = String(headers['webhook-signature']).replace('v1,', 'v2,');
      return { headers: { ...headers, 'webhook-signature': signature }, body };
    },
  ],
];

test.each(changes)('a request with %s is refused', async (_title, change) => {
  const request = change(await received([SECRET]));
  expect(() => verifyWebhook(request, { secret: SECRET })).toThrow(WebhookSignatureError);
});

test('a request that was sent more than five minutes ago, or later than now, is refused', async () => {
  const request = await received([SECRET]);
  const sentMs = Number(request.headers['webhook-timestamp']) * 1_000;
  for (const nowMs of [sentMs + 301_000, sentMs - 301_000])
    expect(() => verifyWebhook(request, { secret: SECRET, nowMs })).toThrow('too far');
  expect(verifyWebhook(request, { secret: SECRET, nowMs: sentMs + 299_000 })).toBe('incident-0/1');
});

test('the receivers that docs/webhooks.md shows, in TypeScript and in Python, take it and refuse what was changed', async () => {
  const request = await received([SECOND_SECRET, SECRET]);
  for (const run of [await documented('ts', 'node'), await documented('python', 'python3')]) {
    expect(await run(request, SECRET)).toBe('incident-0/1');
    expect(await run(request, OTHER_SECRET)).toBe('refused');
    expect(await run({ ...request, body: `${request.body} ` }, SECRET)).toBe('refused');
    const headers = { ...request.headers, 'webhook-timestamp': '1600000000' };
    expect(await run({ ...request, headers }, SECRET)).toBe('refused');
  }
});

const CALLERS = {
  ts: `
const { headers, body, secret } = JSON.parse(process.argv[1] ?? '');
try { console.log(verify(headers, Buffer.from(body), secret)); } catch { console.log('refused'); }`,
  python: `
import json, sys
given = json.loads(sys.argv[1])
try:
    print(verify(given["headers"], given["body"].encode(), given["secret"]))
except ValueError:
    print("refused")`,
};

/** Runs a snippet of the documentation on a request; resolves with the id that it returns. */
async function documented(language: 'ts' | 'python', program: string) {
  const document = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
  const snippet = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document)?.[1] ?? '';
  const options = language === 'ts' ? ['--input-type=module-typescript', '-e'] : ['-c'];
  return async (request: ReceivedWebhook, secret: string): Promise<string> => {
    const given = JSON.stringify({ ...request, secret });
    const { stdout } = await promisify(execFile)(program, [...options, snippet + CALLERS[language], given]);
    return stdout.trim();
  };
}
