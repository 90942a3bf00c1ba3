/**
 * Reads the protocol's numbers one after the other. 64-bit ones become plain numbers, exact up to 2^53, which no offset,
 * time or producer id exceeds. Reading past the end gives nonsense, not an error: see `within`.
 */
export class ByteCursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Whether nothing was read from behind the bytes. */
  get within(): boolean {
    return this.at <= this.bytes.length;
  }

  skip(length: number): void {
    this.at += length;
  }

  int16(): number {
    const value = this.bytes.readInt16BE(this.at);
    this.at += 2;
    return value;
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  int64(): number {
    const value = int64At(this.bytes, this.at);
    this.at += 8;
    return value;
  }

  unsignedVarint(): number {
    const byte = this.bytes[this.at++]!;
    return byte < 0x80 ? byte : this.#longVarint(byte & 0x7f);
  }

  /** Zigzag: 0, -1, 1, -2, … so that small negative numbers are short too. */
  varint(): number {
    const byte = this.bytes[this.at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    const value = this.#longVarint(byte & 0x7f);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view, not a copy. */
  take(length: number): Buffer {
    const start = this.at;
    this.at += length;
    return this.bytes.subarray(start, start + length);
  }

  /** The protocol's optional fields; none is of use here. */
  skipTaggedFields(): void {
    for (let fields = this.unsignedVarint(); fields > 0 && this.within; fields -= 1) {
      this.unsignedVarint();
      this.skip(this.unsignedVarint());
    }
  }

  /** `low`: the seven bits of the first byte. */
  #longVarint(low: number): number {
    let value = low;
    for (let factor = 2 ** 7; factor <= 2 ** 63; factor *= 2 ** 7) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value;
  }
}

export function int64At(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
