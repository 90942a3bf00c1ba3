/**
 * How a key or a value becomes bytes and comes back. Both directions are synchronous: whatever has to be
 * fetched (a schema, say) is fetched before the first record is handed over.
 */
export interface Serde<T> {
  /** @throws {SerializationError} when the value does not fit. */
  serialize(value: T): Uint8Array;
  /**
   * `bytes` may be a view into a larger buffer that is reused afterwards: copy what must outlive the call.
   * @throws {DeserializationError} when the bytes do not hold a `T`; the message says why.
   */
  deserialize(bytes: Uint8Array): T;
}
