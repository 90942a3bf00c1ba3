import fc from 'fast-check';
import { NO_HEADERS } from '@incident-streams/streams';
import type { LogRecord } from '@incident-streams/streams';
import { describe, expect, test } from 'vitest';
import { KafkaRecordsError } from '../../connectors/kafka/kafka-errors.ts';
import { decodeBatches, nextOffsetOf } from '../../connectors/kafka/record-batch-decoder.ts';
import type { DecodedRecords } from '../../connectors/kafka/record-batch-decoder.ts';
import { encodeRecordBatches } from '../../connectors/kafka/record-batch-encoder.ts';
import { buildBatch, endMark, texts } from './build-batch.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
/** Within 24 days: the other encoder writes longer spans within a batch wrongly. */
const timestamp = fc.integer({ min: 1_700_000_000_000, max: 1_702_000_000_000 });
const record = fc.record({
  timestamp,
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: bytes }), { maxLength: 3 }),
});
const batch = fc.record({
  gapBefore: fc.nat({ max: 5 }),
  compression: fc.constantFrom('none', 'gzip', 'snappy', 'lz4', 'zstd'),
  records: fc.array(record, { minLength: 1, maxLength: 80 }),
});
const log = fc.record({
  startOffset: fc.oneof(fc.nat({ max: 1000 }), fc.integer({ min: 2 ** 32 - 100, max: 2 ** 40 })),
  batches: fc.array(batch, { minLength: 1, maxLength: 4 }),
});

function decode(parts: readonly Buffer[], fromOffset = 0): DecodedRecords {
  return decodeBatches({
    topic: 't',
    partition: 3,
    bytes: Buffer.concat(parts),
    fromOffset,
    abortedTransactions: [],
  });
}

describe('batches that another encoder has made', () => {
  test('hold the same records, at their offsets, from the offset asked for on', () => {
    fc.assert(
      fc.property(log, fc.nat({ max: 100 }), ({ startOffset, batches }, skip) => {
        const { encoded, expected } = writeLog(startOffset, batches);
        const fromOffset = startOffset + skip;
        const decoded = decode(encoded, fromOffset);

        expect(decoded.records.map(plain)).toEqual(
          expected.filter(({ offset }) => offset >= fromOffset).map(plain),
        );
        expect(decoded.nextOffset).toBe(Math.max(expected.at(-1)!.offset + 1, fromOffset));
        expect(nextOffsetOf(Buffer.concat(encoded), fromOffset)).toBe(decoded.nextOffset);
      }),
      { numRuns: 300 },
    );
  });

  test('are read as far as they are whole, wherever the last one was cut', () => {
    const whole = buildBatch({ baseOffset: 5, records: texts('a', 'b') });
    const cut = buildBatch({ baseOffset: 7, records: texts('c', 'd') });
    for (let length = 0; length < cut.length; length += 1) {
      const decoded = decode([whole, cut.subarray(0, length)], 5);
      expect([decoded.records.length, decoded.nextOffset]).toEqual([2, 7]);
    }
  });

  test('are never taken for whole and sound when a byte of them was changed', () => {
    const sound = buildBatch({ baseOffset: 5, records: texts('some text', 'and more of it') });
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: sound.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const damaged = Buffer.from(sound);
          damaged[at] = damaged[at]! ^ change;
          expect(() => decode([damaged])).toThrow(KafkaRecordsError);
        },
      ),
    );
  });
});

test('times of one batch may lie centuries apart', () => {
  const times = [1_700_000_000_000, 0, 253_402_300_799_999, 1_700_000_000_001];
  const place = { topic: 't', partition: 3, key: null, value: null, headers: NO_HEADERS };
  const [encoded] = encodeRecordBatches(
    times.map((one) => ({ ...place, timestamp: one })),
    { producerId: -1n, producerEpoch: -1, transactional: false },
    { firstSequence: 0, maxBatchBytes: 10_000 },
  );
  expect(decode([encoded!.bytes]).records.map((one) => one.timestamp)).toEqual(times);
});

test('a record without headers shares one empty list', () => {
  expect(decode([buildBatch({ baseOffset: 0, records: texts('a') })]).records[0]?.headers).toBe(NO_HEADERS);
});

test('where the broker sets the time, it is that of every record', () => {
  const encoded = buildBatch({ baseOffset: 0, records: texts('a', 'b'), logAppendTimeMs: 77_000 });
  expect(decode([encoded]).records.map((one) => one.timestamp)).toEqual([77_000, 77_000]);
});

test('compaction leaves gaps, and the end of a batch where it was', () => {
  const encoded = buildBatch({ baseOffset: 10, records: texts('a'), lastOffsetDelta: 9 });
  expect(decode([encoded], 10)).toMatchObject({ records: [{ offset: 10 }], nextOffset: 20 });
});

test('a batch in the format from before Kafka 0.11 is named, not misread', () => {
  const encoded = buildBatch({ baseOffset: 10, records: texts('a') });
  encoded[16] = 1;
  expect(() => decode([encoded])).toThrow('the batch at offset 10: format 1, where only 2 can be read');
});

describe('records of aborted transactions', () => {
  const aborted = buildBatch({
    baseOffset: 0,
    records: texts('no', 'no'),
    producerId: 7,
    transactional: true,
  });
  const others = buildBatch({ baseOffset: 2, records: texts('yes'), producerId: 8, transactional: true });
  const plainOne = buildBatch({ baseOffset: 3, records: texts('yes'), producerId: 7 });
  const later = buildBatch({ baseOffset: 5, records: texts('yes'), producerId: 7, transactional: true });
  const stored = [
    aborted,
    others,
    plainOne,
    endMark(4, 7, 'abort'),
    later,
    endMark(6, 7, 'commit'),
    endMark(7, 8, 'commit'),
  ];

  test('are left out, and only those: up to the mark of their end, of their producer alone', () => {
    const decoded = decodeBatches({
      topic: 't',
      partition: 3,
      bytes: Buffer.concat(stored),
      fromOffset: 0,
      abortedTransactions: [{ producerId: 7, firstOffset: 0 }],
    });
    expect(decoded.records.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [2, 'yes'],
      [3, 'yes'],
      [5, 'yes'],
    ]);
    expect(decoded.nextOffset).toBe(8);
  });

  test('are left out where one producer aborts twice, in whatever order the broker names them', () => {
    const again = buildBatch({ baseOffset: 8, records: texts('no'), producerId: 7, transactional: true });
    const decoded = decodeBatches({
      topic: 't',
      partition: 3,
      bytes: Buffer.concat([...stored, again, endMark(9, 7, 'abort')]),
      fromOffset: 0,
      abortedTransactions: [
        { producerId: 7, firstOffset: 8 },
        { producerId: 7, firstOffset: 0 },
      ],
    });
    expect(decoded.records.map(({ offset }) => offset)).toEqual([2, 3, 5]);
    expect(decoded.nextOffset).toBe(10);
  });
});

type PlannedBatch = typeof batch extends fc.Arbitrary<infer Planned> ? Planned : never;

function writeLog(
  startOffset: number,
  batches: readonly PlannedBatch[],
): { encoded: Buffer[]; expected: LogRecord[] } {
  const encoded: Buffer[] = [];
  const expected: LogRecord[] = [];
  let offset = startOffset;
  for (const { gapBefore, compression, records } of batches) {
    offset += gapBefore;
    encoded.push(buildBatch({ baseOffset: offset, records, compression }));
    for (const one of records) expected.push({ topic: 't', partition: 3, offset: offset++, ...one });
  }
  return { encoded, expected };
}

/** Bytes as text: a Buffer and a Uint8Array of the same content count as equal. */
function plain({ key, value, headers, ...others }: LogRecord): unknown {
  return {
    ...others,
    key: key && Buffer.from(key).toString('hex'),
    value: value && Buffer.from(value).toString('hex'),
    headers: headers.map((header) => [header.name, Buffer.from(header.value).toString('hex')]),
  };
}
