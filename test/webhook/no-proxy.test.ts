import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startReceiver } from './receiver.ts';
import { SECRET, batchOf, opened } from './sink-under-test.ts';

const CONNECTOR = new URL('../../connectors/webhook/index.ts', import.meta.url).href;

/** Sends one request as Node does by itself, and then an alert. Node looks for proxies when it starts. */
const SCRIPT = `
import { once } from 'node:events';
import { request } from 'node:http';
import { createWebhookSink } from ${JSON.stringify(CONNECTOR)};
const { url, secret, batch } = JSON.parse(process.argv[1]);
const plain = request(url, { method: 'POST' }).end('{"id": "plain"}');
const [response] = await once(plain, 'response');
response.resume();
const sink = createWebhookSink({
  name: 'pager', url, secrets: [secret], allowedNetworks: ['127.0.0.0/8'], allowPlainHttp: true,
});
await sink.write(batch);
await sink.close();
`;

test('proxies that the environment names are not used', async () => {
  const [proxy, receiver] = [await startReceiver(), await startReceiver()];
  const given = JSON.stringify({ url: receiver.url, secret: SECRET, batch: batchOf(opened(1)) });
  const { origin } = new URL(proxy.url);
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: origin, http_proxy: origin };
  for (const name of ['NO_PROXY', 'no_proxy']) Reflect.deleteProperty(env, name);
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT, given], { env });
  expect(proxy.requests.map(({ alert }) => alert.id)).toEqual(['plain']);
  expect(receiver.requests.map(({ alert }) => alert.id)).toEqual(['incident-0/1']);
});
