import { NO_HEADERS } from '@incident-streams/streams';
import type { Serde, SinkBatch, SinkConnector } from '@incident-streams/streams';
import type { EngineConnection } from './throwaway-engine.ts';

/** What is archived in a benchmark: records of one topic, as rows of one table. */
export interface Archive<V> {
  readonly topic: string;
  readonly table: string;
  /** What shows each record once. */
  readonly view: string;
  readonly serde: Serde<V>;
  readonly makeSink: (connection: EngineConnection) => SinkConnector<string, V>;
  readonly makeValue: (index: number) => V;
  /** The row for whoever inserts without the sink; the columns that say which record it is are added. */
  readonly rowOf: (value: V) => Readonly<Record<string, unknown>>;
}

/** Records on their way into a sink, as far as decoding. */
export interface EncodedBatch {
  readonly partition: number;
  readonly firstOffset: number;
  readonly values: readonly Buffer[];
}

export const PARTITIONS = 4;
export const TOPIC_EPOCH = 1_700_000_000_000;
const KEY = 'service/component';
/** What runtimes send at most. */
const MAX_BATCH_BYTES = 8_000_000;

/** So many records in batches as a runtime makes them, dealt out to the partitions in turn. */
export function encodedBatches<V>(archive: Archive<V>, rows: number, maxRecords: number): EncodedBatch[] {
  const batches: EncodedBatch[] = [];
  let values: Buffer[] = [];
  let bytes = 0;
  const close = (endOffset: number): void => {
    const partition = batches.length % PARTITIONS;
    batches.push({ partition, firstOffset: endOffset - values.length, values });
    [values, bytes] = [[], 0];
  };
  for (let index = 0; index < rows; index++) {
    const value = Buffer.from(archive.serde.serialize(archive.makeValue(index)));
    values.push(value);
    bytes += value.length + KEY.length;
    if (values.length >= maxRecords || bytes >= MAX_BATCH_BYTES) close(index + 1);
  }
  if (values.length > 0) close(rows);
  return batches;
}

export function decodeBatch<V>({ topic, serde }: Archive<V>, encoded: EncodedBatch): SinkBatch<string, V> {
  const { partition, firstOffset, values } = encoded;
  const records = values.map((value, index) => ({
    offset: firstOffset + index,
    timestamp: TOPIC_EPOCH,
    key: KEY,
    value: serde.deserialize(value),
    headers: NO_HEADERS,
  }));
  return {
    topic,
    partition,
    firstOffset,
    lastOffset: firstOffset + values.length - 1,
    records,
    mode: 'live',
  };
}

/** The same records further on in their partitions, so that they are new to the table. */
export function movedBy<V>(batch: SinkBatch<string, V>, offsets: number): SinkBatch<string, V> {
  return {
    ...batch,
    firstOffset: batch.firstOffset + offsets,
    lastOffset: batch.lastOffset + offsets,
    records: batch.records.map((record) => ({ ...record, offset: record.offset + offsets })),
  };
}

/** Ready-made objects with the values of all columns that the sink fills. */
export function plainRows<V>(archive: Archive<V>, batch: SinkBatch<string, V>): Record<string, unknown>[] {
  return batch.records.flatMap(({ offset, value }) =>
    value === null
      ? []
      : [
          {
            topic: batch.topic,
            topic_epoch: TOPIC_EPOCH,
            topic_partition: batch.partition,
            topic_offset: offset,
            ...archive.rowOf(value),
          },
        ],
  );
}
