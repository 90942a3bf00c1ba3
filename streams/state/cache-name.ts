import type { Serde } from '../records/serde.ts';

/** Marks names made from bytes, so that none equals a key that is text itself. */
const BYTES_MARK = '\u0000';

/** What a cache looks a key up by: text as it is, anything else by its bytes, one character each. */
export function cacheName<K>(serde: Serde<K>, key: K): string {
  if (typeof key === 'string') return key;
  const bytes = serde.serialize(key);
  return BYTES_MARK + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
