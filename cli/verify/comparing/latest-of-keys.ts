import type { LogRecord } from '@incident-streams/streams';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import type { VerifyParts } from '../verify-parts.ts';

/** What a record leaves behind under its key; null: nothing. */
export type ValueOf<V> = (record: LogRecord) => V | null;

/**
 * The latest of each key of a partition, followed as it grows. Holds one entry for each key that has a value now,
 * however long the topic is.
 */
export class LatestOfKeys<V> {
  readonly latest = new Map<string, V>();
  /** Keys whose latest record removes them, as far as they were asked to be remembered. */
  readonly removed = new Set<string>();
  readonly #parts: VerifyParts;
  readonly #place: TopicPartition;
  readonly #valueOf: ValueOf<V>;
  readonly #remembers: (key: string) => boolean;
  #start = 0;
  #next: number | undefined;
  #records = 0;

  /** @param remembers which keys that were removed are to be told from those that were never there */
  constructor(
    parts: VerifyParts,
    place: TopicPartition,
    options: { readonly valueOf: ValueOf<V>; readonly remembers?: (key: string) => boolean },
  ) {
    this.#parts = parts;
    this.#place = place;
    this.#valueOf = options.valueOf;
    this.#remembers = options.remembers ?? (() => false);
  }

  /** Where the partition began when it was first read. */
  get start(): number {
    return this.#start;
  }

  get records(): number {
    return this.#records;
  }

  /** Reads on, up to everything that has been written by now. */
  async advance(): Promise<void> {
    const { start, end } = await this.#parts.range(this.#place);
    if (this.#next === undefined) this.#start = start;
    for await (const records of this.#parts.read(this.#place, { from: this.#next ?? start, to: end }))
      for (const record of records) this.#apply(record);
    this.#next = end;
  }

  #apply(record: LogRecord): void {
    this.#records += 1;
    const key = record.key === null ? '(no key)' : Buffer.from(record.key).toString('utf8');
    const value = this.#valueOf(record);
    if (value === null) {
      this.latest.delete(key);
      if (this.#remembers(key)) this.removed.add(key);
    } else {
      this.latest.set(key, value);
      this.removed.delete(key);
    }
  }
}
