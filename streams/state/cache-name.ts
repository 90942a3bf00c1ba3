import type { Serde } from '../records/serde.ts';
import { toByteString } from './bytes.ts';
import { MAX_BYTES_PER_UTF16_UNIT, assertKeyFits } from './key-limit.ts';
import type { KeyLimit } from './key-limit.ts';

/** Marks names made from bytes, so that none equals a key that is text itself. */
const BYTES_MARK = '\u0000';

/**
 * What a cache looks a key up by: text as it is, anything else by its bytes, one character each. Text that is not
 * well-formed Unicode is named as its bytes will read.
 * @throws {StoreKeyError} when the store cannot hold the key: now, while the record that led to it is known.
 */
export function cacheName<K>(serde: Serde<K>, key: K, limit: KeyLimit): string {
  if (typeof key === 'string') {
    if (key.length * MAX_BYTES_PER_UTF16_UNIT > limit.maxBytes)
      assertKeyFits(serde.serialize(key).length, limit);
    return key.toWellFormed();
  }
  const bytes = serde.serialize(key);
  assertKeyFits(bytes.length, limit);
  return BYTES_MARK + toByteString(bytes);
}
