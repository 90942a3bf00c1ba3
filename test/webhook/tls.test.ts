import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ResolveHost } from '../../connectors/webhook/index.ts';
import { makeCertificates } from '../kafka/certificates.ts';
import { accept, listen } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { batchOf, openSink, opened } from './sink-under-test.ts';

const thisMachine: ResolveHost = () => Promise.resolve([{ address: '127.0.0.1' }]);

/** A receiver whose certificate, for 127.0.0.1 and localhost, is signed by an authority of its own. */
async function startSecureReceiver(): Promise<{ readonly receiver: Receiver; readonly ca: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-tls-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { server, authority } = await makeCertificates(folder);
  const [pem, ca] = [await readFile(server, 'utf8'), await readFile(authority, 'utf8')];
  const receiver = await listen(
    accept,
    (listener) => createServer({ key: pem, cert: pem }, listener),
    'https',
  );
  return { receiver, ca };
}

test('over https the certificate is checked, against the authority that is named and for the host of the URL', async () => {
  const { receiver, ca } = await startSecureReceiver();
  const options = { allowPlainHttp: false, maxAttempts: 1, resolve: thisMachine };
  const failureOf = async (url: string, more: { readonly ca?: string }): Promise<string> => {
    const { writeUntilDone, deadLetters } = await openSink(url, { ...options, ...more });
    await writeUntilDone(batchOf(opened(2)));
    return deadLetters[0]?.error.message ?? 'none';
  };
  const { port } = new URL(receiver.url);
  expect(await failureOf(`https://localhost:${port}/`, {})).toMatch(/certificate/);
  expect(await failureOf(`https://example.com:${port}/`, { ca })).toMatch(/does not match certificate/);
  expect(receiver.requests).toEqual([]);
  expect(await failureOf(`https://localhost:${port}/`, { ca })).toBe('none');
  expect(await failureOf(receiver.url, { ca })).toBe('none');
  expect(receiver.requests).toHaveLength(4);
});

test('no variable of the environment switches the check of certificates off', async () => {
  const { receiver } = await startSecureReceiver();
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    const { writeUntilDone, deadLetters } = await openSink(receiver.url, { maxAttempts: 1 });
    await writeUntilDone(batchOf(opened(1)));
    expect(deadLetters).toHaveLength(1);
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  }
  expect(receiver.requests).toEqual([]);
});
