import { murmur2, partitionForKey } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('the partitioner', () => {
  // The values of Kafka's own UtilsTest.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Kafka does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('hashes the bytes that it is given, wherever they lie', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(9), (bytes, at) => {
        const larger = Buffer.alloc(bytes.length + 10, 0xaa);
        larger.set(bytes, at);
        expect(murmur2(larger.subarray(at, at + bytes.length))).toBe(murmur2(bytes));
      }),
    );
  });

  it('names a partition that exists, the same for the same key', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 1_000 }), (key, partitions) => {
        const partition = partitionForKey(key, partitions);
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
        expect(partitionForKey(key.slice(), partitions)).toBe(partition);
      }),
    );
  });
});
