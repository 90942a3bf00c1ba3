/** Shorter strings are copied character by character, which beats the call into native code. */
const SHORT_STRING_LENGTH = 48;
/** Unit: 2^32, what the upper half of a 64-bit number counts. */
const HIGH_HALF = 4_294_967_296;

/**
 * Writes values as ClickHouse's Native format has them: little-endian, strings after their length as a varint.
 * The bytes are kept for the next use, since getting fresh memory costs more than filling it.
 */
export class NativeWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  constructor(initialBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.#view = viewOf(this.#bytes);
  }

  /** What was written since the last `clear`: a view, gone with the next one. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** Any whole number that JavaScript holds exactly: a UInt64, an Int64, or a DateTime64(3) in milliseconds. */
  int64(value: number): void {
    this.#reserve(8);
    const high = Math.floor(value / HIGH_HALF);
    this.#view.setUint32(this.#length, value - high * HIGH_HALF, true);
    this.#view.setInt32(this.#length + 4, high, true);
    this.#length += 8;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  string(text: string): void {
    if (text.length <= SHORT_STRING_LENGTH && this.#shortAscii(text)) return;
    const byteLength = Buffer.byteLength(text);
    this.varint(byteLength);
    this.#reserve(byteLength);
    this.#bytes.write(text, this.#length, byteLength === text.length ? 'latin1' : 'utf8');
    this.#length += byteLength;
  }

  /** Bytes of any kind: ClickHouse's String is one of bytes, and need not be text. */
  blob(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** @returns false where the text is not ASCII; then nothing is written. */
  #shortAscii(text: string): boolean {
    const length = text.length;
    this.#reserve(length + 1);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      bytes[start + index] = code;
    }
    bytes[this.#length] = length;
    this.#length = start + length;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
