import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exitCodeOf, Finder, switchedOff } from '../../cli/verify/finding.ts';
import { startProgram } from '../main-job/support/demo-process.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const CONFIG = { INCIDENTS_KAFKA_BROKERS: '127.0.0.1:1', INCIDENTS_REGISTRY_URL: 'http://127.0.0.1:1' };

function found(what: 'difference' | 'reason' | 'nothing') {
  const finder = new Finder('state', { maxShown: 1 });
  if (what === 'difference') finder.differ({ at: 'here', expected: 'one', found: 'another' });
  if (what === 'reason') finder.couldNotCheck('it is away');
  return finder.finish('');
}

test('a difference counts more than what could not be checked, and what is off does not count', () => {
  const off = switchedOff('redis', 'redis.url is not set');
  expect(exitCodeOf([found('nothing'), off])).toBe(0);
  expect(exitCodeOf([found('nothing'), found('reason'), off])).toBe(2);
  expect(exitCodeOf([found('reason'), found('difference')])).toBe(1);
});

test('of differences only so many are kept, and all are counted', () => {
  const finder = new Finder('state', { maxShown: 2 });
  for (const at of ['a', 'b', 'c']) finder.differ({ at, expected: '1', found: '2' });
  const { differences, differenceCount } = finder.finish('');
  expect(differences.map(({ at }) => at)).toEqual(['a', 'b']);
  expect(differenceCount).toBe(3);
});

test.each([
  { args: ['--only', 'state,stat'], says: /--only stat: the checks are transitions, state/ },
  { args: ['--timeout', '0'], says: /--timeout 0: it must be a whole number/ },
])('exits with 2 for $args, and says why', async ({ args, says }) => {
  const child = startProgram([CLI, 'verify', ...args], CONFIG);
  expect(await child.ended).toBe(2);
  expect(child.stderr()).toMatch(says);
});

test('says of every check that it could not be made where Kafka is away, and exits with 2', async () => {
  const child = startProgram([CLI, 'verify', '--timeout', '1'], CONFIG);
  expect(await child.ended).toBe(2);
  expect(child.stdout().match(/COULD-NOT-CHECK/g)).toHaveLength(6);
  expect(child.stdout()).toContain('127.0.0.1:1');
});
