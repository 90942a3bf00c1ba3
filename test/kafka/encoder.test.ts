import fc from 'fast-check';
import { Reader, readRecordsBatch } from '@platformatic/kafka';
import type { PlacedRecord } from '@incident-streams/streams/kafka';
import { expect, test } from 'vitest';
import { advanceSequence, encodeRecordBatches } from '../../connectors/kafka/record-batch-encoder.ts';
import type { RecordBatch } from '../../connectors/kafka/record-batch-encoder.ts';

const PRODUCER = { producerId: 4_711n, producerEpoch: 3, transactional: true };
const bytes = fc.uint8Array({ maxLength: 200 });
const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.integer({ min: 0, max: 253_402_300_799_999 }),
);
const record: fc.Arbitrary<PlacedRecord> = fc.record({
  topic: fc.constant('t'),
  partition: fc.constant(0),
  timestamp,
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: bytes }), { maxLength: 3 }),
});

test('an independent reader finds in the batches what was put into them', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 100, max: 40_000 }),
      (records, maxBatchBytes) => {
        const batches = encodeRecordBatches(records, PRODUCER, { firstSequence: 10, maxBatchBytes });
        expect(batches.flatMap(recordsOf)).toEqual(records.map(plain));
        for (const batch of batches) {
          expect(batch.bytes.length <= maxBatchBytes || batch.recordCount === 1).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('batches of one partition continue its sequence, and carry who wrote them', () => {
  const records = Array.from({ length: 100 }, (_, index) => small(index));
  const batches = encodeRecordBatches(records, PRODUCER, { firstSequence: 7, maxBatchBytes: 500 });

  expect(batches.length).toBeGreaterThan(3);
  let sequence = 7;
  for (const { bytes: encoded, recordCount } of batches) {
    const read = readRecordsBatch(Reader.from(encoded));
    expect(read).toMatchObject({ producerId: 4_711n, producerEpoch: 3, magic: 2, attributes: 16 });
    expect(read.firstSequence).toBe(sequence);
    expect(read.lastOffsetDelta).toBe(recordCount - 1);
    sequence += recordCount;
  }
  expect(sequence).toBe(107);
});

test('a batch names its first and its latest time, also where records are out of order', () => {
  const records = [small(1), { ...small(2), timestamp: 5 }, { ...small(3), timestamp: 9_000_000_000_000 }];
  const [batch] = encodeRecordBatches(records, PRODUCER, { firstSequence: 0, maxBatchBytes: 10_000 });
  const read = readRecordsBatch(Reader.from(batch!.bytes));
  expect(read.firstTimestamp).toBe(1_700_000_000_001n);
  expect(read.maxTimestamp).toBe(9_000_000_000_000n);
});

test('sequences begin again at 0 after the largest 31-bit number', () => {
  expect(advanceSequence(0x7fff_fffe, 1)).toBe(0x7fff_ffff);
  expect(advanceSequence(0x7fff_ffff, 1)).toBe(0);
  expect(advanceSequence(0x7fff_fffe, 10)).toBe(8);
});

test('a timestamp that is no integer is refused with the record’s place', () => {
  const encode = (): unknown =>
    encodeRecordBatches([{ ...small(1), timestamp: 1.5 }], PRODUCER, {
      firstSequence: 0,
      maxBatchBytes: 1_000,
    });
  expect(encode).toThrow(/t\[0\].*1\.5/);
});

function small(index: number): PlacedRecord {
  const value = Buffer.from(`value ${index}`);
  return { topic: 't', partition: 0, timestamp: 1_700_000_000_000 + index, key: null, value, headers: [] };
}

interface PlainRecord {
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string])[];
}

function plain({ timestamp: at, key, value, headers }: PlacedRecord): PlainRecord {
  return {
    timestamp: at,
    key: hex(key),
    value: hex(value),
    headers: headers.map(
      ({ name, value: content }) => [Buffer.from(name).toString('hex'), hex(content)!] as const,
    ),
  };
}

function recordsOf({ bytes: encoded, recordCount }: RecordBatch): PlainRecord[] {
  const read = readRecordsBatch(Reader.from(encoded));
  expect(read.length).toBe(encoded.length - 12);
  expect(read.records.map((one) => one.offsetDelta)).toEqual(
    Array.from({ length: recordCount }, (_, index) => index),
  );
  return read.records.map((one) => ({
    timestamp: Number(read.firstTimestamp + one.timestampDelta),
    key: hex(one.key),
    value: hex(one.value),
    headers: one.headers.map(([name, content]) => [hex(name)!, hex(content)!] as const),
  }));
}

function hex(content: Uint8Array | null): string | null {
  return content === null ? null : Buffer.from(content).toString('hex');
}
