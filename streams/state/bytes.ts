import { SerializationError } from '../errors.ts';

/** Helpers on keys as bytes. Keys compare as unsigned bytes, left to right, a prefix before what it begins. */

export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Bytes as a string of one character each: it compares as they do, and can be looked up in a map. */
export function toByteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function fromByteString(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** How many bytes a time takes. */
export const TIME_BYTES = 8;

/**
 * A time in milliseconds as 8 bytes whose order is the order of time.
 * @throws {SerializationError} for times before 1970: they would sort after all others.
 */
export function writeTime(target: Uint8Array, at: number, timeMs: number): void {
  if (!(timeMs >= 0)) throw new SerializationError(`${timeMs} is no time in milliseconds since 1970`);
  const high = Math.floor(timeMs / 0x1_0000_0000);
  const low = timeMs >>> 0;
  target[at] = high >>> 24;
  target[at + 1] = high >>> 16;
  target[at + 2] = high >>> 8;
  target[at + 3] = high;
  target[at + 4] = low >>> 24;
  target[at + 5] = low >>> 16;
  target[at + 6] = low >>> 8;
  target[at + 7] = low;
}

export function readTime(source: Uint8Array, at: number): number {
  const high = readUint32(source, at);
  return high * 0x1_0000_0000 + readUint32(source, at + 4);
}

export function timeBytes(timeMs: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  writeTime(bytes, 0, timeMs);
  return bytes;
}

/** The time, then the key: entries of one time lie together, the oldest first. */
export function timeThenKey(timeMs: number, key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES + key.length);
  writeTime(bytes, 0, timeMs);
  bytes.set(key, TIME_BYTES);
  return bytes;
}

function readUint32(source: Uint8Array, at: number): number {
  const bytes =
    ((source[at] ?? 0) << 24) |
    ((source[at + 1] ?? 0) << 16) |
    ((source[at + 2] ?? 0) << 8) |
    (source[at + 3] ?? 0);
  return bytes >>> 0;
}
