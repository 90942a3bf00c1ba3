import { alertOf } from '../../schemas/alert.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { TransitionType } from '../../schemas/generated/IncidentTransition.ts';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { snapshotAfter } from '../redis/state-snapshot.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from '../redis/transitions.ts';
import type { Step, TransitionRecord } from '../redis/transitions.ts';

export interface AlertWriterOptions {
  readonly prefix?: string;
  readonly partitions?: number;
  readonly topicEpoch?: number;
  /** About how many alerts a stream keeps. */
  readonly maxStreamEntries?: number;
  /** How many transitions each partition's topic has in the end. Default 60. */
  readonly length?: number;
}

const SEVERITIES = ['CRITICAL', 'MAJOR', 'MINOR'] as const;
const SERVICES = ['payments', 'search'] as const;
/** Some tell people, some do not, so the alerts' offsets have holes. */
const LIFE: readonly TransitionType[] = [
  'DETECTED',
  'OPENED',
  'UPDATED',
  'ACKNOWLEDGED',
  'COMMENTED',
  'RESOLVED',
];
const INCIDENTS_AT_A_TIME = 3;

/** The real sink, fed as a runtime feeds it: each partition in order, from a topic that stays as it is. */
export class AlertWriter {
  readonly #options: AlertWriterOptions;
  readonly #sink: ReturnType<typeof createRedisTransitionsSink>;
  readonly #topic: readonly TransitionRecord[][];
  readonly #written: number[];

  private constructor(url: string, options: AlertWriterOptions) {
    this.#options = options;
    const { partitions = 2, length = 60 } = options;
    this.#topic = Array.from({ length: partitions }, (_, partition) => recordsOf(stepsOf(partition, length)));
    this.#written = this.#topic.map(() => 0);
    this.#sink = createRedisTransitionsSink({ ...options, url });
  }

  static async open(url: string, options: AlertWriterOptions = {}): Promise<AlertWriter> {
    const writer = new AlertWriter(url, options);
    await writer.#open();
    return writer;
  }

  /** Writes the next so many transitions of each partition, or all that are left. */
  async write(count = Infinity): Promise<void> {
    for (const partition of this.#written.keys()) await this.writeTo(partition, count);
  }

  async writeTo(partition: number, count = Infinity): Promise<void> {
    const from = this.#written[partition] ?? 0;
    const records = this.#records(partition).slice(from, from + count);
    if (records.length === 0) return;
    await this.#sink.write(batchOf(records, { partition }));
    this.#written[partition] = from + records.length;
  }

  /** As a runtime does that finds Redis empty: from the start, silently, a few at a time. */
  async restore(): Promise<void> {
    for (const [partition, end] of this.#written.entries()) {
      const from = (await this.#sink.appliedOffset(partition))! + 1;
      for (let at = from; at < end; at += 5) {
        const records = this.#records(partition).slice(at, Math.min(at + 5, end));
        await this.#sink.write(batchOf(records, { partition, mode: 'restore' }));
      }
    }
  }

  /** The same where the topic has lost its first transitions: the states from a snapshot, then what is left. */
  async restoreWithout(count: number): Promise<void> {
    const written = this.#records(0).slice(0, this.#written[0]);
    await this.#sink.appliedOffset(0);
    await this.#sink.writeSnapshot?.(snapshotAfter(written));
    await this.#sink.write(batchOf(written.slice(count), { mode: 'restore' }));
  }

  /** The next so many transitions, written but not published: to a subscriber, messages that were lost. */
  async writeUnheard(count: number): Promise<void> {
    for (const [partition, from] of this.#written.entries()) {
      const records = this.#records(partition).slice(from, from + count);
      await this.#sink.write(batchOf(records, { partition, mode: 'restore' }));
      this.#written[partition] = from + records.length;
    }
  }

  /** The stream ids of the alerts that were written up to now, partition by partition. */
  written(): string[][] {
    return this.#writtenAlerts((_alert, offset) => `${this.#epoch}-${offset}`);
  }

  /** Their `id`s. */
  writtenAlertIds(): string[][] {
    return this.#writtenAlerts(({ id }) => id);
  }

  count(): number {
    return this.written().flat().length;
  }

  close(): Promise<void> {
    return this.#sink.close();
  }

  #writtenAlerts(nameOf: (alert: Alert, offset: number) => string): string[][] {
    return this.#topic.map((records, partition) =>
      records.slice(0, this.#written[partition]).flatMap(({ value, offset }) => {
        const alert = value === null ? null : alertOf(value);
        return alert === null ? [] : [nameOf(alert, offset)];
      }),
    );
  }

  get #epoch(): number {
    return this.#options.topicEpoch ?? EPOCH;
  }

  #records(partition: number): readonly TransitionRecord[] {
    return this.#topic[partition] ?? [];
  }

  #open(): Promise<void> {
    return this.#sink.open({ ...SOURCE, partitions: this.#topic.length, topicEpoch: this.#epoch });
  }
}

/** A few incidents side by side, one life after the other. */
function stepsOf(partition: number, length: number): Step[] {
  return Array.from({ length }, (_, at) => {
    const column = at % INCIDENTS_AT_A_TIME;
    const row = Math.floor(at / INCIDENTS_AT_A_TIME);
    return {
      incident: `p${partition}-${column}-${Math.floor(row / LIFE.length)}`,
      type: LIFE[row % LIFE.length] ?? 'OPENED',
      severity: SEVERITIES[column] ?? 'MAJOR',
      service: SERVICES[(column + partition) % SERVICES.length] ?? 'payments',
    };
  });
}
