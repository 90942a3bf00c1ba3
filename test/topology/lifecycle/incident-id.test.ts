import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fnv1a128, incidentIdOf } from '../../../topology/lifecycle/incident-id.ts';

test('the hash is FNV-1a with 128 bits', () => {
  expect(fnv1a128('')).toBe('6c62272e07bb014262b821756295c58d');
  expect(fnv1a128('a')).toBe('d228cb696f1a8caf78912b704e4a8964');
  expect(fnv1a128('foobar')).toBe('343e1662793c64bf6f0d3597ba446f18');
});

test('the same parts give the same id, others another, also where they read the same when joined', () => {
  const part = fc.string({ maxLength: 6 });
  const parts = fc.tuple(part, part, part);
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same = one.every((text, i) => text === other[i]);
      const idOf = ([key, ...opener]: [string, string, string]): string => incidentIdOf(key, opener);
      expect(idOf(one) === idOf(other)).toBe(same);
    }),
    {
      examples: [
        [
          ['a', 'b', 'c'],
          ['ab', '', 'c'],
        ],
        [
          ['1:a', '', ''],
          ['', '1:a', ''],
        ],
      ],
    },
  );
});
