/**
 * The port behind every state store: an ordered map from bytes to bytes that belongs to one store of one task.
 * What is written through it becomes durable with the task's commit, all of it or nothing. Keys have at most
 * `MAX_KEY_BYTES`.
 */
export interface ByteStore {
  /** The bytes are valid until the next call on any store: decode or copy them at once. */
  get(key: Uint8Array): Uint8Array | undefined;
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /** Entries with `from <= key < to`, in the order of their keys. Writing to the store while reading is not allowed. */
  range(bounds: RangeBounds): Iterable<ByteEntry>;
}

/** Both ends are optional: without them the range is open. */
export interface RangeBounds {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  readonly limit?: number;
}

export interface ByteEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}
