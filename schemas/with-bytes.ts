import type { Serde } from '@incident-streams/streams';

/** A value together with the bytes it was read from. */
export interface WithBytes<T> {
  readonly value: T;
  readonly bytes: Uint8Array;
}

/** Reads a value, as strictly as `serde` does, and keeps a copy of its bytes, so that they can be passed on unchanged. */
export function withBytes<T>(serde: Serde<T>): Serde<WithBytes<T>> {
  return {
    serialize: ({ bytes }) => bytes,
    deserialize: (bytes) => ({ value: serde.deserialize(bytes), bytes: new Uint8Array(bytes) }),
  };
}
