import type { LogRecord } from '../../../records/record.ts';
import type { BatchLimits, ReadRange, SinkRead, SinkSourceLog } from '../../sinks/ports.ts';
import { KafkaOffsetError } from '../errors.ts';
import type { Arrival, PartitionReader, TopicPartition } from '../ports.ts';
import type { DeletedRange } from './sink-event.ts';

/** A partition's records from `start` to before `end`, as far as they have arrived. */
interface Window {
  start: number;
  end: number;
  records: LogRecord[];
}

export interface KafkaSinkLogOptions {
  readonly topic: string;
  readonly reader: PartitionReader;
  /** The first offset that the broker still holds. */
  readonly startOf: (place: TopicPartition) => Promise<number>;
  /** Hears of what was to be read and is not there any more. */
  readonly onDeleted: (range: DeletedRange) => void;
}

/**
 * A topic on a cluster, as a sink reads it. What was read last stays until something behind it is asked for: a batch
 * that has to be written again is there.
 */
export class KafkaSinkLog implements SinkSourceLog {
  readonly #topic: string;
  readonly #reader: PartitionReader;
  readonly #startOf: (place: TopicPartition) => Promise<number>;
  readonly #onDeleted: (range: DeletedRange) => void;
  readonly #windows = new Map<number, Window>();
  readonly #ends = new Map<number, number>();
  #failure: KafkaOffsetError | undefined;

  constructor(options: KafkaSinkLogOptions) {
    this.#topic = options.topic;
    this.#reader = options.reader;
    this.#startOf = options.startOf;
    this.#onDeleted = options.onDeleted;
  }

  /** @throws {KafkaOffsetError} when the topic is not the one any more that was read before */
  read(partition: number, { from, to, limits }: ReadRange): SinkRead | undefined {
    const window = this.#windowFrom(partition, from);
    while (!isEnough(window, to, limits)) {
      const arrival = this.#reader.take({ topic: this.#topic, partition });
      if (arrival === undefined) break;
      this.#receive(partition, window, arrival);
    }
    // A batch that was begun before comes whole.
    if (limits === undefined && window.end <= to) return undefined;
    const read = cut(window, to, limits);
    return read.nextOffset === from ? undefined : read;
  }

  /** What was learnt of the end by other means than reading, which rests while nobody takes what has been read. */
  learnEnd(partition: number, endOffset: number): void {
    this.#ends.set(partition, Math.max(endOffset, this.#ends.get(partition) ?? 0));
  }

  endOffset(partition: number): number {
    const read = this.#reader.endOffset({ topic: this.#topic, partition }) ?? 0;
    return Math.max(read, this.#ends.get(partition) ?? 0);
  }

  startOffset(partition: number): Promise<number> {
    return this.#startOf({ topic: this.#topic, partition });
  }

  /** Reads none but these partitions from now on. */
  retain(partitions: ReadonlySet<number>): void {
    for (const partition of [...this.#windows.keys()]) {
      if (partitions.has(partition)) continue;
      this.#windows.delete(partition);
      this.#ends.delete(partition);
      this.#reader.stop({ topic: this.#topic, partition });
    }
  }

  #windowFrom(partition: number, from: number): Window {
    if (this.#failure !== undefined) throw this.#failure;
    const known = this.#windows.get(partition);
    if (known !== undefined && known.start <= from && from <= known.end) {
      const kept = known.records.findIndex(({ offset }) => offset >= from);
      known.records.splice(0, kept < 0 ? known.records.length : kept);
      known.start = from;
      return known;
    }
    const window: Window = { start: from, end: from, records: [] };
    this.#windows.set(partition, window);
    this.#reader.read({ topic: this.#topic, partition }, from);
    return window;
  }

  #receive(partition: number, window: Window, arrival: Arrival): void {
    if (arrival.type === 'records') {
      for (const record of arrival.records) window.records.push(record);
      window.end = arrival.nextOffset;
      return;
    }
    const { startOffset, endOffset } = arrival;
    if (window.end >= startOffset) {
      this.#failure = new KafkaOffsetError(
        `${this.#topic}[${partition}]: offset ${window.end} is to be read, but the topic now holds ${startOffset} to ${endOffset}: ` +
          'it was made anew or has lost records. Start again to read it as a new topic, or reset the offsets of the group',
      );
      throw this.#failure;
    }
    this.#onDeleted({ partition, fromOffset: window.end, toOffset: startOffset });
    window.end = startOffset;
    this.#reader.read({ topic: this.#topic, partition }, startOffset);
  }
}

function isEnough({ end, records }: Window, to: number, limits: BatchLimits | undefined): boolean {
  if (end > to) return true;
  return limits !== undefined && lengthWithin(records, limits) < records.length;
}

function cut({ end, records }: Window, to: number, limits: BatchLimits | undefined): SinkRead {
  const beyond = records.findIndex(({ offset }) => offset > to);
  const wanted = beyond < 0 ? records.length : beyond;
  const length = limits === undefined ? wanted : Math.min(wanted, lengthWithin(records, limits));
  const next = records[length];
  const isAll = length === wanted;
  return {
    records: records.slice(0, length),
    nextOffset: isAll ? Math.min(end, to + 1) : (next?.offset ?? end),
  };
}

/** How many of the records make a batch. */
function lengthWithin(records: readonly LogRecord[], { maxRecords, maxBytes }: BatchLimits): number {
  let bytes = 0;
  let length = 0;
  for (const { key, value } of records) {
    if (length >= maxRecords || bytes >= maxBytes) break;
    bytes += (key?.length ?? 0) + (value?.length ?? 0);
    length += 1;
  }
  return length;
}
