import type { Database } from 'lmdb';
import type { ByteEntry, ByteStore, RangeBounds } from '../byte-store.ts';

const PREFIX_BYTES = 2;
/** LMDB's own limit on a key is 1,978 bytes with its default page size. */
const MAX_KEY_BYTES = 1978;

/**
 * A store of one task in an LMDB database that it shares with the other partitions' tasks: keys begin with the
 * partition, two bytes, big-endian. Writes belong to the transaction that the runtime has open.
 */
export class LmdbByteStore implements ByteStore {
  readonly #database: Database<Buffer, Buffer>;
  readonly #scratch = Buffer.alloc(MAX_KEY_BYTES + PREFIX_BYTES);
  readonly #partition: number;

  constructor(database: Database<Buffer, Buffer>, partition: number) {
    this.#database = database;
    this.#partition = partition;
    this.#scratch.writeUInt16BE(partition, 0);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#database.getBinary(this.#keyOf(key));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#database.putSync(this.#keyOf(key), asBuffer(value));
  }

  delete(key: Uint8Array): void {
    this.#database.removeSync(this.#keyOf(key));
  }

  *range(bounds: RangeBounds): Iterable<ByteEntry> {
    const start = Buffer.concat([partitionBytes(this.#partition), bounds.from ?? new Uint8Array(0)]);
    const end =
      bounds.to === undefined
        ? partitionBytes(this.#partition + 1)
        : Buffer.concat([partitionBytes(this.#partition), bounds.to]);
    const limit = bounds.limit === undefined ? {} : { limit: bounds.limit };
    for (const { key, value } of this.#database.getRange({ start, end, ...limit })) {
      yield { key: key.subarray(PREFIX_BYTES), value };
    }
  }

  #keyOf(key: Uint8Array): Buffer {
    this.#scratch.set(key, PREFIX_BYTES);
    return this.#scratch.subarray(0, PREFIX_BYTES + key.length);
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
