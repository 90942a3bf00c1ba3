import type { SinkBinding, TopicBinding } from '../../graph/topology.ts';
import type { SinkConnector, SnapshotEntry } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';
import { toByteString } from '../../state/bytes.ts';
import { decodeRecord } from './decode-record.ts';
import type { SinkSnapshotLog } from './ports.ts';

type BeforeDecode = (records: readonly LogRecord[]) => Promise<void> | undefined;

export interface SnapshotsOptions {
  readonly binding: SinkBinding;
  readonly connector: SinkConnector<unknown, unknown>;
  /** Undefined where the sink is declared without a snapshot. */
  readonly log: SinkSnapshotLog | undefined;
  readonly beforeDecode: BeforeDecode | undefined;
}

/** Gives a connector the table that its outside system can be restored from. */
export class Snapshots {
  readonly #connector: SinkConnector<unknown, unknown>;
  readonly #topic: string;
  readonly #binding: TopicBinding;
  readonly #log: SinkSnapshotLog;
  readonly #beforeDecode: BeforeDecode | undefined;

  private constructor(options: SnapshotsOptions, binding: TopicBinding, log: SinkSnapshotLog) {
    this.#connector = options.connector;
    this.#topic = options.binding.topic;
    this.#binding = binding;
    this.#log = log;
    this.#beforeDecode = options.beforeDecode;
  }

  /** Undefined where the sink has no table, or the connector does not want one. */
  static of(options: SnapshotsOptions): Snapshots | undefined {
    const { binding, connector, log } = options;
    if (binding.snapshot === undefined || log === undefined || connector.writeSnapshot === undefined)
      return undefined;
    return new Snapshots(options, binding.snapshot, log);
  }

  /**
   * Reads the partition of the table as it is now and hands it over; one partition of it is held in memory for that.
   * @throws the signal's reason once it is given, unless the connector is writing by then
   */
  async write(partition: number, upToOffset: number, signal: AbortSignal): Promise<void> {
    const records = await this.#readLatest(partition, signal);
    await this.#beforeDecode?.(records);
    const entries = records.map((record): SnapshotEntry<unknown, unknown> => {
      const { key, value } = decodeRecord(record, this.#binding);
      return { key, value };
    });
    signal.throwIfAborted();
    await this.#connector.writeSnapshot?.({ topic: this.#topic, partition, upToOffset, entries });
  }

  /** Of each key the latest record, unless that is a deletion. */
  async #readLatest(partition: number, signal: AbortSignal): Promise<LogRecord[]> {
    const latest = new Map<string, LogRecord>();
    for await (const records of this.#log.read(partition, signal)) {
      signal.throwIfAborted();
      for (const record of records) {
        if (record.key === null) continue;
        if (record.value === null) latest.delete(toByteString(record.key));
        else latest.set(toByteString(record.key), record);
      }
    }
    signal.throwIfAborted();
    return [...latest.values()];
  }
}
