import type { Database } from 'lmdb';
import type { ByteEntry, ByteStore, RangeBounds } from '../byte-store.ts';
import { StoreReadOnlyError } from '../../errors.ts';
import { MAX_KEY_BYTES, assertKeyFits } from '../key-limit.ts';
import type { KeyLimit } from '../key-limit.ts';

const PREFIX_BYTES = 2;
/** No keys follow this partition's. */
const LAST_PARTITION = 0xffff;
const NO_BYTES = new Uint8Array(0);

export interface LmdbByteStoreOptions {
  readonly name: string;
  readonly partition: number;
  /** Is the transaction open that a task's writes belong to? */
  readonly isWritable: () => boolean;
}

/**
 * A store of one task in an LMDB database that it shares with the other partitions' tasks: keys begin with the
 * partition, two bytes, big-endian. Writes belong to the transaction that the runtime has open; without one they are
 * refused, or what a failed step has left in a cache could still reach the disk.
 */
export class LmdbByteStore implements ByteStore {
  readonly #database: Database<Buffer, Buffer>;
  readonly #scratch = Buffer.alloc(MAX_KEY_BYTES + PREFIX_BYTES);
  readonly #options: LmdbByteStoreOptions;
  readonly #limit: KeyLimit;

  constructor(database: Database<Buffer, Buffer>, options: LmdbByteStoreOptions) {
    this.#database = database;
    this.#options = options;
    this.#limit = { store: options.name, maxBytes: MAX_KEY_BYTES };
    this.#scratch.writeUInt16BE(options.partition, 0);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#database.getBinary(this.#keyOf(key));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#assertWritable();
    this.#database.putSync(this.#keyOf(key), asBuffer(value));
  }

  delete(key: Uint8Array): void {
    this.#assertWritable();
    this.#database.removeSync(this.#keyOf(key));
  }

  *range(bounds: RangeBounds): Iterable<ByteEntry> {
    const limit = bounds.limit === undefined ? {} : { limit: bounds.limit };
    for (const { key, value } of this.#database.getRange({ ...this.#placeOf(bounds), ...limit })) {
      yield { key: key.subarray(PREFIX_BYTES), value };
    }
  }

  #placeOf({ from = NO_BYTES, to }: RangeBounds): { start: Buffer; end?: Buffer } {
    const { partition } = this.#options;
    const start = Buffer.concat([partitionBytes(partition), from]);
    if (to !== undefined) return { start, end: Buffer.concat([partitionBytes(partition), to]) };
    return partition === LAST_PARTITION ? { start } : { start, end: partitionBytes(partition + 1) };
  }

  #keyOf(key: Uint8Array): Buffer {
    assertKeyFits(key.length, this.#limit);
    this.#scratch.set(key, PREFIX_BYTES);
    return this.#scratch.subarray(0, PREFIX_BYTES + key.length);
  }

  #assertWritable(): void {
    if (!this.#options.isWritable())
      throw new StoreReadOnlyError(
        `the store "${this.#options.name}" changes only within a step of its task`,
      );
  }
}

function partitionBytes(partition: number): Buffer {
  const bytes = Buffer.alloc(PREFIX_BYTES);
  bytes.writeUInt16BE(partition, 0);
  return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
