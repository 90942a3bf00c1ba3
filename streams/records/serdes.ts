import { DeserializationError, SerializationError } from '../errors.ts';
import type { Serde } from './serde.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
/** A byte order mark is part of a text: without it two keys would be one. */
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text as UTF-8. Bytes that are not UTF-8 are refused rather than replaced. */
export const stringSerde: Serde<string> = {
  serialize: (value) => Buffer.from(value),
  deserialize: (bytes) => {
    try {
      return textDecoder.decode(bytes);
    } catch (cause) {
      throw new DeserializationError(`not UTF-8 text (${bytes.length} bytes)`, { cause });
    }
  },
};

/** Bytes as they are; what is read is a copy. */
export const bytesSerde: Serde<Uint8Array> = {
  serialize: (value) => value,
  deserialize: (bytes) => new Uint8Array(bytes),
};

/** A number as 8 bytes, IEEE 754 double, big-endian. */
export const doubleSerde: Serde<number> = {
  serialize: (value) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    return bytes;
  },
  deserialize: (bytes) => {
    if (bytes.length !== 8) throw new DeserializationError(`a double has 8 bytes, not ${bytes.length}`);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
  },
};

/** Any JSON value, as UTF-8. The type parameter is the caller's promise: nothing is validated. */
export function jsonSerde<T>(): Serde<T> {
  return {
    serialize: (value) => {
      try {
        return Buffer.from(JSON.stringify(value));
      } catch (cause) {
        throw new SerializationError(`no JSON: ${(cause as Error).message}`, { cause });
      }
    },
    deserialize: (bytes) => {
      try {
        return JSON.parse(decoder.decode(bytes)) as T;
      } catch (cause) {
        throw new DeserializationError(`not JSON (${bytes.length} bytes): ${(cause as Error).message}`, {
          cause,
        });
      }
    },
  };
}
