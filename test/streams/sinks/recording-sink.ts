import { StreamsBuilder } from '@incident-streams/streams';
import type { SinkBatch, SinkConnector, SinkSource, Topology } from '@incident-streams/streams';
import { text } from '../embedded/open-runtime.ts';

/** `in` → `out` → the sink named `sink`. */
export function copyingToSink(): Topology {
  const builder = new StreamsBuilder();
  builder.stream('in', text).to('out', text).toSink('sink');
  return builder.build();
}

/** Keeps what it is given, and does what a test asks of it: fail, wait, forget. */
export class RecordingSink implements SinkConnector<string, string> {
  readonly calls: string[] = [];
  readonly batches: SinkBatch<string, string>[] = [];
  source: SinkSource | undefined;
  /** By partition; where it has none it says what `unmarked` says. */
  readonly marks = new Map<number, number>();
  unmarked: number | undefined = undefined;
  /** Called before a batch is taken: may wait, or throw. */
  beforeWrite: (batch: SinkBatch<string, string>) => void | Promise<void> = () => undefined;
  /** Called after a batch was taken, before that is acknowledged. */
  afterWrite: (batch: SinkBatch<string, string>) => void | Promise<void> = () => undefined;
  beforeOpen: () => void | Promise<void> = () => undefined;

  async open(source: SinkSource): Promise<void> {
    this.calls.push('open');
    await this.beforeOpen();
    this.source = source;
  }

  appliedOffset(partition: number): Promise<number | undefined> {
    return Promise.resolve(this.marks.get(partition) ?? this.unmarked);
  }

  async write(batch: SinkBatch<string, string>): Promise<void> {
    this.calls.push(showBatch(batch));
    await this.beforeWrite(batch);
    this.batches.push(batch);
    this.marks.set(batch.partition, Math.max(batch.lastOffset, this.marks.get(batch.partition) ?? -1));
    await this.afterWrite(batch);
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }

  /** The offsets that it got, in order, those of restored batches too. */
  offsetsOf(partition: number): number[] {
    return this.batches
      .filter((batch) => batch.partition === partition)
      .flatMap((batch) => batch.records.map((record) => record.offset));
  }
}

/** `live 0: 3-5 (3)`: mode, partition, range and number of records. */
export function showBatch(batch: SinkBatch<unknown, unknown>): string {
  const { mode, partition, firstOffset, lastOffset, records } = batch;
  return `${mode} ${partition}: ${firstOffset}-${lastOffset} (${records.length})`;
}
