import { DeserializationError } from '@incident-streams/streams';
import type { Serde } from '@incident-streams/streams';

/** How many events a window holds, and the sum of their values. */
export interface CountAndSum {
  readonly count: number;
  readonly sum: number;
}

const BYTES = 16;

/** Two doubles, big-endian, as the peer writes them. */
export const countAndSumSerde: Serde<CountAndSum> = {
  serialize: ({ count, sum }) => {
    const bytes = Buffer.allocUnsafe(BYTES);
    bytes.writeDoubleBE(count, 0);
    bytes.writeDoubleBE(sum, 8);
    return bytes;
  },
  deserialize: (bytes) => {
    if (bytes.length !== BYTES)
      throw new DeserializationError(`count and sum take ${BYTES} bytes, not ${bytes.length}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, BYTES);
    return { count: view.getFloat64(0), sum: view.getFloat64(8) };
  },
};
