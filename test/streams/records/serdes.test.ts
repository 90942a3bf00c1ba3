import {
  DeserializationError,
  SerializationError,
  bytesSerde,
  doubleSerde,
  jsonSerde,
  stringSerde,
} from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('serdes', () => {
  it('give back what they were given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.double(),
        fc.jsonValue(),
        fc.uint8Array(),
        (text, number, json, bytes) => {
          expect(stringSerde.deserialize(stringSerde.serialize(text))).toBe(text);
          expect(doubleSerde.deserialize(doubleSerde.serialize(number))).toBe(number);
          const plain: unknown = JSON.parse(JSON.stringify(json));
          expect(jsonSerde().deserialize(jsonSerde().serialize(json))).toEqual(plain);
          expect(bytesSerde.deserialize(bytesSerde.serialize(bytes))).toEqual(bytes);
        },
      ),
    );
  });

  it('keep a byte order mark: without it two keys would be one', () => {
    expect(stringSerde.deserialize(stringSerde.serialize('\ufeffk'))).toBe('\ufeffk');
  });

  it('copy bytes that they hand out', () => {
    for (const source of [Buffer.from([1, 2, 3]), new Uint8Array([1, 2, 3])]) {
      const read = bytesSerde.deserialize(source);
      source[0] = 9;
      expect([...read]).toEqual([1, 2, 3]);
    }
  });

  it('read numbers from the middle of a larger buffer', () => {
    const larger = Buffer.alloc(20, 0xff);
    larger.set(doubleSerde.serialize(1.5), 7);
    expect(doubleSerde.deserialize(larger.subarray(7, 15))).toBe(1.5);
  });

  it('refuse with a code what they cannot write', () => {
    const circular: unknown[] = [];
    circular.push(circular);
    for (const value of [undefined, () => 1, 1n, circular]) {
      expect(() => jsonSerde<unknown>().serialize(value)).toThrow(SerializationError);
    }
  });

  it('refuse with a code what they cannot read', () => {
    expect(() => stringSerde.deserialize(Buffer.from([0xff]))).toThrow(DeserializationError);
    expect(() => doubleSerde.deserialize(Buffer.alloc(7))).toThrow(DeserializationError);
    expect(() => jsonSerde().deserialize(Buffer.from('{'))).toThrow(DeserializationError);
    expect(() => jsonSerde().deserialize(Buffer.from([0xff]))).toThrow(DeserializationError);
  });
});
