import { crc32 } from 'node:zlib';
import { StoreCorruptedError } from '../../errors.ts';
import type { ByteEntry, ByteStore, RangeBounds } from '../byte-store.ts';

const CHECKSUM_BYTES = 4;

/** Keeps a checksum (CRC-32 of key and value) in front of each value, so that a damaged file is found out. */
export class ChecksummedByteStore implements ByteStore {
  readonly #name: string;
  readonly #inner: ByteStore;
  readonly #entryCount: () => number;

  /** @param entryCount how many entries the bytes beneath say that they have */
  constructor(name: string, inner: ByteStore, entryCount: () => number) {
    this.#name = name;
    this.#inner = inner;
    this.#entryCount = entryCount;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#inner.get(key)?.subarray(CHECKSUM_BYTES);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
    bytes.writeUInt32BE(checksum(key, value), 0);
    bytes.set(value, CHECKSUM_BYTES);
    this.#inner.put(key, bytes);
  }

  delete(key: Uint8Array): void {
    this.#inner.delete(key);
  }

  *range(bounds: RangeBounds): Iterable<ByteEntry> {
    for (const { key, value } of this.#inner.range(bounds))
      yield { key, value: value.subarray(CHECKSUM_BYTES) };
  }

  /**
   * Reads everything once.
   * @throws {StoreCorruptedError} when an entry is not as it was written, or when entries are missing
   */
  verify(): void {
    let entries = 0;
    for (const { key, value } of this.#inner.range({})) {
      entries++;
      const stored = Buffer.from(value.buffer, value.byteOffset, value.length);
      if (
        stored.length < CHECKSUM_BYTES ||
        stored.readUInt32BE(0) !== checksum(key, stored.subarray(CHECKSUM_BYTES))
      )
        throw new StoreCorruptedError(
          `the store "${this.#name}" is damaged: entry ${entries} does not have the checksum that was written with it`,
        );
    }
    if (entries !== this.#entryCount())
      throw new StoreCorruptedError(
        `the store "${this.#name}" is damaged: ${entries} of ${this.#entryCount()} entries can be found`,
      );
  }
}

function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key));
}
