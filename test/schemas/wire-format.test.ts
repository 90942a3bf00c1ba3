import { DeserializationError } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSchemaId, writeWireHeader } from '../../schemas/wire-format.ts';

describe('the wire format', () => {
  it('holds any 32-bit schema id behind a zero', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (id) => {
        const bytes = new Uint8Array(8).fill(0xff);
        writeWireHeader(bytes, 1, id);
        expect([bytes[0], bytes[1], bytes[6]]).toEqual([0xff, 0, 0xff]);
        expect(new DataView(bytes.buffer).getUint32(2)).toBe(id);
        expect(readSchemaId(bytes.subarray(1))).toBe(id);
      }),
    );
  });

  it('refuses what is too short', () => {
    expect(() => readSchemaId(Uint8Array.of(0, 0, 0, 1))).toThrow(DeserializationError);
    expect(() => readSchemaId(new Uint8Array(0))).toThrow('0 bytes is too short');
  });

  it('refuses what begins with another byte, such as JSON', () => {
    expect(() => readSchemaId(Buffer.from('{"id":1}'))).toThrow(
      'A record that begins with byte 123 is not in the Confluent wire format',
    );
  });
});
