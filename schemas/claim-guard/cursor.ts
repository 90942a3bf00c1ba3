import { DeserializationError } from '@incident-streams/streams';
import type { ClaimLimits } from './claim-limits.ts';

/** An Avro long takes at most 10 bytes, an int at most 5. */
const MAX_LONG_BYTES = 10;
const MAX_INT_BYTES = 5;
/** From here on the zigzag form has no exact number: what it would be read as is not what was written. */
const UNSAFE_ZIGZAG = 2 ** 54 - 2;
const UNSAFE_NEGATIVE_ZIGZAG = 2 ** 53;

/** Where a guard is in the bytes that it walks. One for each guard, used again for every record. */
export class Cursor {
  readonly limits: ClaimLimits;
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;
  depth = 0;
  entries = 0;

  constructor(limits: ClaimLimits) {
    this.limits = limits;
  }

  /** Begins at `from` of a record; what the last one left behind is forgotten. */
  start(bytes: Uint8Array, from: number): void {
    this.bytes = bytes;
    this.position = from;
    this.end = bytes.length;
    this.depth = 0;
    this.entries = 0;
  }

  get left(): number {
    return this.end - this.position;
  }

  skip(size: number, path: string): void {
    if (size > this.end - this.position) this.failTruncated(path);
    this.position += size;
  }

  /** Reads an Avro long. Nearly all take one byte or, as times do, six. */
  readLong(path: string): number {
    const { bytes, position, end } = this;
    if (position >= end) this.failTruncated(path);
    const first = bytes[position]!;
    if (first < 0x80) {
      this.position = position + 1;
      return (first >> 1) ^ -(first & 1);
    }
    return this.#readLongLong(first, path);
  }

  /** Walks over an Avro long whose value is of no interest, having made sure that it can be read exactly. */
  skipLong(path: string): void {
    const { bytes, end } = this;
    // 7 bytes hold 49 bits, which any number represents.
    for (let position = this.position; position < end; position++) {
      if (bytes[position]! < 0x80) {
        if (position - this.position < 7) this.position = position + 1;
        else this.readLong(path);
        return;
      }
    }
    this.readLong(path);
  }

  skipInt(path: string): void {
    const start = this.position;
    const value = this.readLong(path);
    if (this.position - start > MAX_INT_BYTES || (value | 0) !== value) {
      this.fail(path, 'does not hold an int of 32 bits');
    }
  }

  #readLongLong(first: number, path: string): number {
    const { bytes, position: start, end } = this;
    let zigzag = first & 0x7f;
    let scale = 128;
    for (let position = start + 1; position < end; position++) {
      const byte = bytes[position]!;
      zigzag += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) {
        this.position = position + 1;
        return this.#fromZigzag(zigzag, (first & 1) === 1, path);
      }
      if (position - start >= MAX_LONG_BYTES - 1) {
        this.fail(path, `holds a number of more than ${MAX_LONG_BYTES} bytes`);
      }
    }
    return this.failTruncated(path);
  }

  #fromZigzag(zigzag: number, negative: boolean, path: string): number {
    if (zigzag >= (negative ? UNSAFE_NEGATIVE_ZIGZAG : UNSAFE_ZIGZAG)) {
      this.fail(path, 'holds a number too large to be read exactly');
    }
    return negative ? -(zigzag + 1) / 2 : zigzag / 2;
  }

  failTruncated(path: string): never {
    this.fail(path, 'is cut off: the record ends within it');
  }

  /** @throws {DeserializationError} always: `path` names the field, `problem` says what it claims. */
  fail(path: string, problem: string): never {
    throw new DeserializationError(`${path} ${problem}`);
  }
}

/** A count as people read it: `400,000,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
