import { DeserializationError } from '@incident-streams/streams';
import type { LogRecord, Serde } from '@incident-streams/streams';

/** A value that cannot be decoded, in place of one: it equals nothing. */
export interface Unreadable {
  readonly unreadable: string;
}

/** The record's value; null for a tombstone. What is no value of that schema is said to be none. */
export function decoded<T>(record: Pick<LogRecord, 'value'>, serde: Serde<T>): T | Unreadable | null {
  if (record.value === null) return null;
  try {
    return serde.deserialize(record.value);
  } catch (error) {
    if (error instanceof DeserializationError) return { unreadable: error.message };
    throw error;
  }
}

export function isUnreadable(value: object): value is Unreadable {
  return 'unreadable' in value;
}
