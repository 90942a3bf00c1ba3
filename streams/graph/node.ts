import type { ProcessorSupplier } from '../processors/processor.ts';
import type { Serde } from '../records/serde.ts';
import type { StateStore, StoreBuilder } from '../state/store.ts';

/**
 * The nodes of a topology. Types of keys and values are checked where a topology is declared (the DSL); in the
 * graph they are erased to `unknown`.
 */
export type Node = SourceNode | ProcessorNode | OutputNode;

/** Event time of a record in milliseconds, from its content or from the timestamp that its log gave it. */
export type TimestampExtractor<K, V> = (record: { key: K; value: V; timestamp: number }) => number;

/** Reads a topic. */
export interface SourceNode {
  readonly kind: 'source';
  readonly name: string;
  readonly topic: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly timestamp: TimestampExtractor<unknown, unknown>;
}

export interface ProcessorNode {
  readonly kind: 'processor';
  readonly name: string;
  readonly parents: readonly string[];
  readonly supplier: ProcessorSupplier<unknown, unknown, unknown, unknown>;
  readonly stores: readonly StoreBuilder<StateStore>[];
}

/** Writes to a topic; Kafka Streams calls it a sink. */
export interface OutputNode {
  readonly kind: 'output';
  readonly name: string;
  readonly parents: readonly string[];
  readonly topic: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
}
