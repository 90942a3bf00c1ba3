import { StoreKeyError, StoreReadOnlyError } from '@incident-streams/streams';
import fc from 'fast-check';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import type { ByteStore, RangeBounds } from '../../../streams/state/byte-store.ts';
import { MAX_KEY_BYTES } from '../../../streams/state/key-limit.ts';
import { LmdbByteStore } from '../../../streams/state/lmdb/lmdb-byte-store.ts';
import { MemoryByteStore } from '../../../streams/state/memory-byte-store.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { lmdbStores, withEachByteStore } from './open-byte-store.ts';

/** Few different bytes, so that keys meet, begin one another and lie at the ends of ranges. */
const key = fc
  .array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { maxLength: 3 })
  .map((bytes) => Buffer.from(bytes));
const value = fc.uint8Array({ maxLength: 4 });
const bounds = fc.record(
  { from: key, to: key, limit: fc.nat(4) },
  { requiredKeys: [] },
) as fc.Arbitrary<RangeBounds>;

type Operation = (store: ByteStore) => unknown;

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(key, value).map(
    ([k, v]): Operation =>
      (store) =>
        store.put(k, v),
  ),
  key.map(
    (k): Operation =>
      (store) =>
        store.delete(k),
  ),
  key.map(
    (k): Operation =>
      (store) =>
        hex(store.get(k)),
  ),
  bounds.map(
    (range): Operation =>
      (store) =>
        Array.from(store.range(range), (entry) => [hex(entry.key), hex(entry.value)]),
  ),
);

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

describe('byte stores', () => {
  it('in memory and in LMDB answer alike, and partitions do not see each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(0, 1, 255, 256, 65_534, 65_535), operation), { maxLength: 80 }),
        async (operations) => {
          await using stores = lmdbStores();
          const models = new Map<number, MemoryByteStore>();
          for (const [partition, apply] of operations) {
            const model = models.get(partition) ?? new MemoryByteStore();
            models.set(partition, model);
            expect(apply(stores.store(partition))).toEqual(apply(model));
          }
          for (const [partition, model] of models) {
            expect([...stores.store(partition).range({})].map((entry) => hex(entry.key))).toEqual(
              [...model.range({})].map((entry) => hex(entry.key)),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keep what they were given, whatever becomes of the buffers it came in', async () => {
    await withEachByteStore((store) => {
      const scratch = Buffer.from('key1value1');
      store.put(scratch.subarray(0, 4), scratch.subarray(4));
      scratch.write('key2value2');
      store.put(scratch.subarray(0, 4), scratch.subarray(4));
      scratch.fill(0);
      const written = Array.from(store.range({}), (entry) =>
        Buffer.concat([entry.key, entry.value]).toString(),
      );
      expect(written).toEqual(['key1value1', 'key2value2']);
    });
  });

  it('take keys up to the limit, and refuse longer ones with a code, both alike', async () => {
    await withEachByteStore((store) => {
      for (const length of [0, 1, MAX_KEY_BYTES]) {
        const longest = Buffer.alloc(length, 0xff);
        store.put(longest, Buffer.from([1]));
        expect(store.get(longest)).toEqual(expect.objectContaining({ length: 1 }));
      }
      expect([...store.range({})]).toHaveLength(3);
      for (const length of [MAX_KEY_BYTES + 1, MAX_KEY_BYTES + 2, 5_000, 100_000]) {
        const tooLong = Buffer.alloc(length, 0xff);
        expect(() => store.put(tooLong, tooLong)).toThrow(StoreKeyError);
        expect(() => store.get(tooLong)).toThrow(StoreKeyError);
        expect(() => store.delete(tooLong)).toThrow(StoreKeyError);
      }
      expect([...store.range({})]).toHaveLength(3);
    });
  });

  it('hold values of any size, none at all included', async () => {
    await withEachByteStore((store) => {
      for (const size of [0, 1, 100_000, 3_000_000]) {
        store.put(Buffer.from('k'), Buffer.alloc(size, 7));
        expect(store.get(Buffer.from('k'))?.length).toBe(size);
      }
    });
  });

  it('in LMDB refuse writes while no transaction is open', async () => {
    using directory = temporaryDirectory();
    const root = open<Buffer, Buffer>({
      path: `${directory.path}/closed.lmdb`,
      keyEncoding: 'binary',
      encoding: 'binary',
    });
    const store = new LmdbByteStore(root, { name: 'ledger', partition: 0, isWritable: () => false });
    expect(() => store.put(Buffer.from('k'), Buffer.from('v'))).toThrow(StoreReadOnlyError);
    expect(() => store.delete(Buffer.from('k'))).toThrow('"ledger"');
    expect(store.get(Buffer.from('k'))).toBeUndefined();
    await root.close();
  });
});
