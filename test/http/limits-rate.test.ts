import { expect, test } from 'vitest';
import { RequestRates } from '../../connectors/http/auth/request-rates.ts';
import { addressKey } from '../../connectors/http/auth/caller.ts';
import { createToken } from '../../connectors/http/index.ts';
import { bearer, runGuardedServer } from './auth-server.ts';
import { runServer } from './running-server.ts';

/** So slow that no test waits for it: what is left of the burst is all there is. */
const THREE_ONLY = { perSecond: 0.001, burst: 3 };

test('a caller that asks too often gets 429 and when to come back', async () => {
  const server = await runServer({ rate: THREE_ONLY });
  for (let n = 0; n < 3; n += 1) expect((await server.get('/incidents')).status).toBe(200);
  const { status, json, headers } = await server.get('/incidents');
  expect([status, json.code]).toEqual([429, 'HTTP_RATE_LIMIT']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(500);
});

test('each token has a limit of its own, and so have those without one', async () => {
  const server = await runGuardedServer({ rate: THREE_ONLY });
  const { read, operate } = server.tokens;
  for (let n = 0; n < 3; n += 1) await server.get('/incidents', bearer(read));
  expect((await server.get('/incidents', bearer(read))).status).toBe(429);
  expect((await server.get('/incidents', bearer(operate))).status).toBe(200);
  expect((await server.get('/healthz')).status).toBe(200);
});

test('whoever guesses tokens is held up, and a token that counts is served meanwhile', async () => {
  const server = await runGuardedServer();
  const guesses: number[] = [];
  await expect
    .poll(
      async () => {
        const answers = await Promise.all(
          Array.from({ length: 100 }, () => server.get('/incidents', bearer(createToken()))),
        );
        guesses.push(...answers.map(({ status }) => status));
        return guesses.includes(429);
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  expect([...new Set(guesses)].sort()).toEqual([401, 429]);
  expect((await server.get('/incidents', bearer(server.tokens.read))).status).toBe(200);
});

test('what was used up comes back with time, up to the burst', () => {
  let nowMs = 0;
  const rates = new RequestRates({ perSecond: 2, burst: 3 }, () => nowMs);
  expect([1, 2, 3, 4].map(() => rates.take('a'))).toEqual([0, 0, 0, 1]);
  nowMs = 500;
  expect([1, 2].map(() => rates.take('a'))).toEqual([0, 1]);
  nowMs = 1_000_000;
  expect([1, 2, 3, 4].map(() => rates.take('a'))).toEqual([0, 0, 0, 1]);
});

test('callers without number do not fill the memory', () => {
  const rates = new RequestRates({ perSecond: 1, burst: 1 }, () => 0);
  for (let n = 0; n < 100_000; n += 1) rates.take(`address ${n}`);
  expect(rates.size).toBe(10_000);
  expect(rates.take('address 99999')).toBe(1);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, 'unknown'],
])('the address %s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
