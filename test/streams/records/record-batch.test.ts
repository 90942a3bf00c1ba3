import { SerializationError } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  RecordBatchWriter,
  lastOffsetDelta,
  readBatch,
} from '../../../streams/runtime/embedded/record-batch.ts';

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const maybe = fc.option(bytes);
const record = fc.record({
  timestamp: fc.oneof(fc.maxSafeNat(), fc.double({ noNaN: true })),
  key: maybe,
  value: maybe,
  headers: fc.array(fc.record({ name: fc.string({ unit: 'binary', maxLength: 8 }), value: bytes }), {
    maxLength: 3,
  }),
});
/** Records, and how far each lies behind the one before. */
const gapped = fc.array(fc.tuple(record, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 20 });

describe('a record batch', () => {
  it('gives back its records from any offset on, gaps and all, also when the writer is used again', () => {
    const writer = new RecordBatchWriter();
    fc.assert(
      fc.property(
        gapped,
        fc.maxSafeNat().map((n) => Math.floor(n / 2)),
        fc.nat(60),
        (drawn, baseOffset, skip) => {
          let delta = -1;
          const expected = drawn.map(([content, gap]) => {
            delta += gap;
            writer.add(content, delta);
            return { topic: 't', partition: 3, offset: baseOffset + delta, ...content };
          });
          expect(writer.count).toBe(drawn.length);
          const batch = Buffer.from(writer.finish());
          expect(lastOffsetDelta(batch)).toBe(delta);
          const place = { topic: 't', partition: 3, baseOffset };
          const from = baseOffset + skip;
          expect([...readBatch(batch, place, from)]).toEqual(expected.filter(({ offset }) => offset >= from));
          expect(writer.count).toBe(0);
        },
      ),
    );
  });

  it('grows to the records it is given', () => {
    const writer = new RecordBatchWriter();
    const large = { timestamp: 0, key: null, value: Buffer.alloc(1_000_000, 1), headers: [] };
    for (let i = 0; i < 3; i++) writer.add(large, i);
    const read = [...readBatch(writer.finish(), { topic: 't', partition: 0, baseOffset: 0 }, 0)];
    expect(read.map(({ value }) => large.value.equals(value ?? new Uint8Array()))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('refuses headers that it cannot count, with a code', () => {
    const writer = new RecordBatchWriter();
    const header = { name: 'h', value: new Uint8Array(0) };
    const base = { timestamp: 1, key: null, value: null };
    const longName = { ...base, headers: [{ ...header, name: 'n'.repeat(65_536) }] };
    const many = { ...base, headers: Array.from({ length: 65_536 }, () => header) };
    for (const record of [longName, many]) expect(() => writer.add(record, 0)).toThrow(SerializationError);
    expect(writer.count).toBe(0);
    writer.add({ ...base, headers: [{ ...header, name: 'n'.repeat(65_535) }] }, 0);
    const [read] = readBatch(writer.finish(), { topic: 't', partition: 0, baseOffset: 0 }, 0);
    expect(read?.headers[0]?.name).toHaveLength(65_535);
  });

  it('that was begun and dropped leaves nothing behind', () => {
    const writer = new RecordBatchWriter();
    const small = { timestamp: 1, key: null, value: null, headers: [] };
    writer.add(small, 7);
    writer.reset();
    writer.add(small, 0);
    const batch = writer.finish();
    expect(lastOffsetDelta(batch)).toBe(0);
    expect([...readBatch(batch, { topic: 't', partition: 0, baseOffset: 0 }, 0)]).toHaveLength(1);
  });
});
