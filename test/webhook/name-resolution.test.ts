import { expect, test } from 'vitest';
import type { ResolveHost, WebhookEvent } from '../../connectors/webhook/index.ts';
import { startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { batchOf, openSink, opened } from './sink-under-test.ts';

/** The receiver, under a name. */
function named({ url }: Receiver, name: string): string {
  return url.replace('127.0.0.1', name);
}

function resolvesTo(...addresses: readonly string[]): ResolveHost {
  return () => Promise.resolve(addresses.map((address) => ({ address })));
}

const resultsOf = (events: readonly WebhookEvent[]): unknown[] =>
  events.flatMap((event) => (event.type === 'attempt' ? [event.result] : []));

test.each([
  ['loopback', ['127.0.0.1']],
  ['loopback by IPv6', ['::1']],
  ['loopback as mapped', ['::ffff:127.0.0.1']],
  ['the metadata service', ['169.254.169.254']],
  ['a private address', ['10.0.0.1']],
  ['a public address first and loopback second', ['8.8.8.8', '127.0.0.1']],
  ['what is no address', ['localhost']],
  ['nothing', []],
])('a name that resolves to %s is refused, and nothing is sent', async (_what, addresses) => {
  const receiver = await startReceiver();
  const { writeUntilDone, events, deadLetters } = await openSink(named(receiver, 'hooks.example.com'), {
    resolve: resolvesTo(...addresses),
    allowedNetworks: [],
    maxAttempts: 2,
  });
  await writeUntilDone(batchOf(opened(1)));
  expect(resultsOf(events)).toEqual(['address-refused', 'address-refused']);
  expect(deadLetters[0]?.error.message).toMatch(/hooks\.example\.com (resolves to|has no)/);
  expect(receiver.requests).toEqual([]);
});

test.each(['localhost', 'LOCALHOST', 'localhost.', 'ｌｏｃａｌｈｏｓｔ'])(
  'the name %s is refused, as the machine resolves it',
  async (name) => {
    const receiver = await startReceiver();
    const { sink } = await openSink(named(receiver, name), { allowedNetworks: [] });
    await expect(sink.write(batchOf(opened(1)))).rejects.toThrow(
      /localhost\.? resolves to (127\.0\.0\.1|::1), which is not allowed|ENOTFOUND/,
    );
    expect(receiver.requests).toEqual([]);
  },
);

test('a name that answers with an allowed address first and with a forbidden one then is refused when it does', async () => {
  const receiver = await startReceiver();
  let asked = 0;
  const { sink, events } = await openSink(named(receiver, 'rebind.example.com'), {
    // Nobody listens at the first.
    resolve: () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1' }]),
    allowedNetworks: ['127.0.0.2/32'],
  });
  await expect(sink.write(batchOf(opened(1)))).rejects.toThrow('ECONNREFUSED 127.0.0.2');
  await expect(sink.write(batchOf(opened(1)))).rejects.toThrow('resolves to 127.0.0.1, which is not allowed');
  expect(resultsOf(events)).toEqual(['failed', 'address-refused']);
  expect(asked).toBe(2);
  expect(receiver.requests).toEqual([]);
});

test('a connection goes to the address that was checked: the name is resolved once for each', async () => {
  const receiver = await startReceiver((response) => response.writeHead(200, { connection: 'close' }).end());
  let asked = 0;
  const { sink } = await openSink(named(receiver, 'no-such-name.invalid'), {
    resolve: () => {
      asked++;
      return Promise.resolve([{ address: '127.0.0.1' }]);
    },
  });
  await sink.write(batchOf(opened(3)));
  expect(receiver.requests).toHaveLength(3);
  expect(asked).toBe(3);
  expect(receiver.requests[0]?.headers.host).toMatch(/^no-such-name\.invalid:\d+$/);
});

test('a redirect to the metadata service is not followed, nor one to anywhere', async () => {
  const elsewhere = await startReceiver();
  for (const location of ['http://169.254.169.254/latest/meta-data/', elsewhere.url, '/other']) {
    const receiver = await startReceiver((response) => response.writeHead(307, { location }).end());
    const { sink, deadLetters } = await openSink(receiver.url);
    await sink.write(batchOf(opened(1)));
    expect(receiver.requests).toHaveLength(1);
    expect(deadLetters[0]?.error.message).toContain('it answered 307: redirects are not followed');
    expect(deadLetters[0]?.error.message).not.toContain('169.254');
  }
  expect(elsewhere.requests).toEqual([]);
});
