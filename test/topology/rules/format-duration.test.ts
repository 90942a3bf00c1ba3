import { expect, test } from 'vitest';
import { formatDuration, formatNumber } from '../../../topology/rules/format-duration.ts';

test.each([
  [0, '0 ms'],
  [250, '250 ms'],
  [1500, '1.5 s'],
  [60_000, '1 min'],
  [5_400_000, '1.5 h'],
  [172_800_000, '2 d'],
])('%i ms reads %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test.each([
  [3, '3'],
  [4.1666, '4.2'],
  [0.0123, '0.0123'],
  [-12.25, '-12.3'],
])('%f reads %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});
