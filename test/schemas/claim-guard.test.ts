import { DeserializationError } from '@incident-streams/streams';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import type { AvroSchema } from '../../schemas/avro-schema.ts';
import { compileClaimGuard } from '../../schemas/claim-guard/claim-guard.ts';
import type { ClaimLimits } from '../../schemas/claim-guard/claim-limits.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import { event } from './samples.ts';

/** The bytes of Avro longs, one after the other; strings and raw bytes go in as they are. */
function avroBytes(...parts: (number | bigint | string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      if (typeof part === 'string') return avro.Type.forSchema('string').toBuffer(part);
      return zigzag(BigInt(part));
    }),
  );
}

function zigzag(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function refusal(schema: AvroSchema, bytes: Uint8Array, limits: Partial<ClaimLimits> = {}): string {
  try {
    compileClaimGuard(schema, limits)(bytes, 0);
  } catch (error) {
    expect(error).toBeInstanceOf(DeserializationError);
    return (error as Error).message;
  }
  return 'accepted';
}

function one(type: AvroSchema): AvroSchema {
  return { type: 'record', name: 'Box', fields: [{ name: 'item', type }] };
}

const strings: AvroSchema = { type: 'map', values: 'string' };
const nulls: AvroSchema = { type: 'array', items: 'null' };

describe('the claim guard', () => {
  it('refuses a map that claims more entries than the bytes that are left can hold', () => {
    const eventType = avro.Type.forSchema(SCHEMAS.IncidentEvent as avro.Schema);
    const valid = eventType.toBuffer({ ...event, attributes: {} });
    const bytes = Buffer.concat([valid.subarray(0, -1), avroBytes(400_000_000), Buffer.alloc(12)]);
    expect(refusal(SCHEMAS.IncidentEvent, bytes)).toBe(
      'IncidentEvent.attributes claims 400,000,000 entries, 12 bytes are left',
    );
  });

  it('refuses an array of 30 million nulls in 5 bytes', () => {
    expect(refusal(one(nulls), avroBytes(30_000_000, 0))).toBe(
      'Box.item claims 30,000,000 entries, a record may hold 10,000 in all',
    );
  });

  it('counts the entries of all blocks and all nested arrays together', () => {
    const limits = { maxEntries: 5 };
    expect(refusal(nulls, avroBytes(3, 2, 0), limits)).toBe('accepted');
    expect(refusal(nulls, avroBytes(3, 3, 0), limits)).toContain('a record may hold 5 in all');
    const nested: AvroSchema = { type: 'array', items: nulls };
    expect(refusal(nested, avroBytes(2, 1, 0, 2, 0, 0), limits)).toBe('accepted');
    expect(refusal(nested, avroBytes(2, 2, 0, 2, 0, 0), limits)).toContain('a record may hold 5 in all');
  });

  it('counts each record for itself: a guard that has seen many refuses no later one', () => {
    const guard = compileClaimGuard(nulls, { maxEntries: 5 });
    for (let i = 0; i < 100; i++) expect(() => guard(avroBytes(5, 0), 0)).not.toThrow();
    expect(() => guard(avroBytes(6, 0), 0)).toThrow('a record may hold 5 in all');
    expect(() => guard(avroBytes(5, 0), 0)).not.toThrow();
  });

  it('refuses a count that cannot be read exactly, also in a block that states its size', () => {
    expect(refusal(nulls, avroBytes(-(2n ** 63n), 0, 0))).toContain('too large to be read exactly');
    expect(refusal(nulls, avroBytes(-30_000_000, 0, 0))).toContain('claims 30,000,000 entries');
  });

  it('takes blocks that state their size, where it is the true one', () => {
    const item = avroBytes('k', 'v');
    expect(refusal(strings, avroBytes(-1, item.length, item, 0))).toBe('accepted');
    expect(refusal(strings, avroBytes(-1, item.length + 1, item, 0))).toBe(
      'map claims another block size than its entries take',
    );
    expect(refusal(strings, avroBytes(-1, 400, item, 0))).toBe('map claims a block of 400 bytes, 5 are left');
    expect(refusal(strings, avroBytes(-1, -4, item, 0))).toContain('claims a block of -4 bytes');
  });

  it.each(['string', 'bytes'] as const)('bounds the length of %s', (type) => {
    expect(refusal(one(type), avroBytes(-1))).toBe('Box.item claims a length of -1 bytes');
    expect(refusal(one(type), avroBytes(2_000_000_000, 0))).toBe(
      'Box.item claims 2,000,000,000 bytes, 1 are left',
    );
    expect(refusal(one(type), avroBytes(3, Uint8Array.of(65, 66)))).toBe(
      'Box.item claims 3 bytes, 2 are left',
    );
    expect(refusal(one(type), avroBytes('12345'), { maxStringBytes: 5 })).toBe('accepted');
    expect(refusal(one(type), avroBytes('123456'), { maxStringBytes: 5 })).toBe(
      'Box.item holds 6 bytes, at most 5 are allowed',
    );
  });

  it('refuses a record that is too large as a whole: 1 MiB by default', () => {
    const bytes = Buffer.alloc(1_048_577);
    expect(refusal('null', bytes)).toBe('null takes 1,048,577 bytes, at most 1,048,576 are allowed');
  });

  it.each(['__proto__', 'constructor', 'prototype'])('refuses the map key %s', (key) => {
    expect(refusal(one(strings), avroBytes(1, key, 'x', 0))).toBe(
      `Box.item has the key "${key}", which is not allowed`,
    );
    expect(refusal(one(strings), avroBytes(1, `${key}s`, 'x', 0))).toBe('accepted');
    expect(refusal(one(strings), avroBytes(1, key.toUpperCase(), 'x', 0))).toBe('accepted');
    // Its length written in two bytes where one would do.
    const padded = Uint8Array.of((key.length * 2) | 0x80, 0);
    expect(refusal(strings, avroBytes(1, padded, Buffer.from(key), 'x', 0))).toContain('is not allowed');
  });

  it('refuses a record that nests too deep', () => {
    const list: AvroSchema = {
      type: 'record',
      name: 'Cell',
      fields: [{ name: 'next', type: ['null', 'Cell'] }],
    };
    const cells = (count: number) => avroBytes(...Array.from({ length: count - 1 }, () => 1), 0);
    expect(refusal(list, cells(32))).toBe('accepted');
    expect(refusal(list, cells(33))).toBe('Cell lies more than 32 levels deep');
    expect(refusal(list, cells(100_000))).toBe('Cell lies more than 32 levels deep');
  });

  it('does not take what lies side by side for what lies within each other', () => {
    const boxes: AvroSchema = { type: 'array', items: one(nulls) };
    expect(refusal(boxes, avroBytes(100, Buffer.alloc(100), 0), { maxDepth: 3 })).toBe('accepted');
    expect(refusal(boxes, avroBytes(100, Buffer.alloc(100), 0), { maxDepth: 2 })).toContain('2 levels deep');
  });

  it('refuses a record type that lies within itself without end', () => {
    const endless: AvroSchema = {
      type: 'record',
      name: 'Endless',
      fields: [{ name: 'again', type: 'Endless' }],
    };
    expect(refusal(endless, new Uint8Array(0))).toBe('Endless lies more than 32 levels deep');
  });

  it('refuses a number that takes too many bytes', () => {
    const long = new Uint8Array(11).fill(0x80);
    expect(refusal(one('long'), long)).toBe('Box.item holds a number of more than 10 bytes');
    expect(refusal(one('string'), long)).toBe('Box.item holds a number of more than 10 bytes');
    expect(refusal(one('int'), avroBytes(2 ** 31))).toBe('Box.item does not hold an int of 32 bits');
    expect(refusal(one('int'), avroBytes(2 ** 31 - 1))).toBe('accepted');
    expect(refusal(one('int'), avroBytes(-(2 ** 31)))).toBe('accepted');
  });

  it('refuses a long that a number cannot hold exactly', () => {
    expect(refusal('long', avroBytes(2n ** 53n - 2n))).toBe('accepted');
    expect(refusal('long', avroBytes(2n ** 53n))).toBe('long holds a number too large to be read exactly');
    expect(refusal('long', avroBytes(-(2n ** 52n)))).toBe('accepted');
    expect(refusal('long', avroBytes(-(2n ** 52n) - 1n))).toBe(
      'long holds a number too large to be read exactly',
    );
    expect(refusal('long', avroBytes(2n ** 63n - 1n))).toBe(
      'long holds a number too large to be read exactly',
    );
  });

  it('refuses symbols and branches that do not exist', () => {
    const letters: AvroSchema = { type: 'enum', name: 'Letter', symbols: ['A', 'B'] };
    expect(refusal(one(letters), avroBytes(2))).toBe('Box.item holds symbol 2 of an enum that has 2');
    expect(refusal(one(letters), avroBytes(-1))).toContain('holds symbol -1');
    expect(refusal(one(['null', 'int']), avroBytes(2))).toBe('Box.item holds branch 2 of a union that has 2');
    expect(refusal(one(['null', 'int']), avroBytes(-1))).toContain('holds branch -1');
    expect(refusal(one('boolean'), avroBytes(-1))).toBe('accepted');
    expect(refusal(one('boolean'), avroBytes(1))).toBe('Box.item holds a boolean that is neither 0 nor 1');
  });

  it('refuses a record that is cut off, wherever', () => {
    const bytes = avro.Type.forSchema(SCHEMAS.IncidentEvent as avro.Schema).toBuffer(event);
    for (let size = 0; size < bytes.length; size++) {
      expect(refusal(SCHEMAS.IncidentEvent, bytes.subarray(0, size))).toMatch(/^(A key of )?IncidentEvent\./);
    }
    expect(refusal(SCHEMAS.IncidentEvent, bytes)).toBe('accepted');
    expect(refusal(one({ type: 'fixed', name: 'F', size: 4 }), new Uint8Array(3))).toBe(
      'Box.item is cut off: the record ends within it',
    );
  });

  it('refuses bytes behind the value', () => {
    expect(refusal(one('int'), avroBytes(1, 2, 3))).toBe('Box ends 2 bytes before the record does');
  });

  it('names the field where it lies', () => {
    const deep = one({ type: 'array', items: { type: 'map', values: one('string') } });
    expect(() => compileClaimGuard(deep)).not.toThrow();
    const state = SCHEMAS.IncidentTransition;
    expect(refusal(state, new Uint8Array(0))).toBe(
      'IncidentTransition.incidentId is cut off: the record ends within it',
    );
  });
});
