import { StoreKeyError } from '../errors.ts';

/**
 * The longest key that every store takes: LMDB's own limit of 1,978 bytes with its default page size, less the two
 * bytes that tell partitions apart. Stores in memory keep to it too, so that what passes a test passes in production.
 */
export const MAX_KEY_BYTES = 1_976;

/** UTF-8 needs no more, so a text that is short enough by this measure need not be measured exactly. */
export const MAX_BYTES_PER_UTF16_UNIT = 3;

export interface KeyLimit {
  readonly store: string;
  readonly maxBytes: number;
}

/** @throws {StoreKeyError} when a key of that many bytes is too long. */
export function assertKeyFits(bytes: number, { store, maxBytes }: KeyLimit): void {
  if (bytes > maxBytes) {
    throw new StoreKeyError(
      `the store "${store}" takes keys of at most ${maxBytes} bytes, this one has ${bytes}`,
    );
  }
}
