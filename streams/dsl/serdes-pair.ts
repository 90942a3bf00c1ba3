import type { Serde } from '../records/serde.ts';

/** How a topic's keys and values are read and written. */
export interface Serdes<K, V> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
}

/** A name for the node that an operator adds; one is made up where none is given. */
export interface Named {
  readonly name?: string;
}
