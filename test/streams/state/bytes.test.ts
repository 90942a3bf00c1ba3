import { SerializationError } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, readTime, timeBytes, timeThenKey } from '../../../streams/state/bytes.ts';

const time = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(
    0,
    1,
    0xff,
    0x100,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    Number.MAX_SAFE_INTEGER,
  ),
);
const bytes = fc.uint8Array({ maxLength: 5 });

describe('bytes as keys', () => {
  it('order as unsigned bytes, a prefix before what it begins', () => {
    fc.assert(
      fc.property(bytes, bytes, (left, right) => {
        expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(left, right));
      }),
    );
  });

  it('give times back, in the order of time', () => {
    fc.assert(
      fc.property(time, time, (left, right) => {
        expect(readTime(timeBytes(left), 0)).toBe(left);
        expect(Math.sign(compareBytes(timeBytes(left), timeBytes(right)))).toBe(Math.sign(left - right));
      }),
    );
  });

  it('order by time first, then by key', () => {
    fc.assert(
      fc.property(time, bytes, time, bytes, (time1, key1, time2, key2) => {
        const expected = Math.sign(time1 - time2) || Math.sign(Buffer.compare(key1, key2));
        expect(Math.sign(compareBytes(timeThenKey(time1, key1), timeThenKey(time2, key2)))).toBe(expected);
      }),
    );
  });

  it.each([-1, Number.NaN, -0.5])('cannot hold the time %s', (timeMs) => {
    expect(() => timeBytes(timeMs)).toThrow(SerializationError);
  });
});
