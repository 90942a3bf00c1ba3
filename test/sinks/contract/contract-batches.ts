import { NO_HEADERS } from '@incident-streams/streams';
import type { SinkBatch, SinkSource } from '@incident-streams/streams';
import type { SinkHarness } from './sink-harness.ts';

export const EPOCH = 1_700_000_000_000;

/** What the contract suite writes, made of a harness' records. */
export class ContractBatches<K, V> {
  readonly #harness: SinkHarness<K, V>;

  constructor(harness: SinkHarness<K, V>) {
    this.#harness = harness;
  }

  source(topicEpoch = EPOCH): SinkSource {
    const deadLetter: SinkSource['deadLetter'] = ({ offset }, error) =>
      Promise.reject(new Error(`the record at ${offset} is one that every system takes`, { cause: error }));
    return { topic: this.#harness.topic, partitions: 2, topicEpoch, deadLetter };
  }

  /** The records from one offset to another, both belong to it. */
  live(firstOffset: number, lastOffset: number, partition = 0): SinkBatch<K, V> {
    const offsets = Array.from({ length: lastOffset - firstOffset + 1 }, (_, i) => firstOffset + i);
    return this.at(offsets, { firstOffset, lastOffset, partition });
  }

  /** The nth record at the nth of these offsets. */
  at(
    offsets: readonly number[],
    range: { readonly firstOffset: number; readonly lastOffset: number; readonly partition?: number },
  ): SinkBatch<K, V> {
    const { topic } = this.#harness;
    const records = offsets.map((offset) => ({
      offset,
      timestamp: EPOCH + offset * 1_000,
      headers: NO_HEADERS,
      ...this.#harness.record(offset),
    }));
    return { topic, partition: 0, ...range, records, mode: 'live' };
  }
}

export function restoring<K, V>(batch: SinkBatch<K, V>): SinkBatch<K, V> {
  return { ...batch, mode: 'restore' };
}

/** The record at the offset deletes its key. */
export function withTombstone<K, V>(batch: SinkBatch<K, V>, offset: number): SinkBatch<K, V> {
  const records = batch.records.map((record) =>
    record.offset === offset ? { ...record, value: null } : record,
  );
  return { ...batch, records };
}
