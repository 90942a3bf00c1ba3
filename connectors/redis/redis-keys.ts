import { RedisUsageError } from './redis-errors.ts';

/**
 * The names of all keys and channels. Every key of a partition carries the hash tag `{p<N>}`, so that Redis
 * Cluster keeps them in one slot and one script may write them together.
 * `prefix` goes in front of all of them, channels too: it keeps two pipelines on one server apart.
 */
export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix = '') {
    if (/[{}]/.test(prefix))
      throw new RedisUsageError(`prefix "${prefix}": braces would change the hash tag of keys`);
    this.#prefix = prefix;
  }

  /** Hash: `pipeline`, `topic`, `topicEpoch`, `partitions`. The only key outside the partitions. */
  get meta(): string {
    return `${this.#prefix}incidents:meta`;
  }

  partition(partition: number): PartitionKeys {
    return new PartitionKeys(`${this.#prefix}incidents:{p${partition}}:`);
  }

  get alertChannel(): string {
    return `${this.#prefix}alerts`;
  }
}

export class PartitionKeys {
  /**
   * Hash: `topic`, `topicEpoch`, `offset`: how far the partition has been applied. After a restore from a snapshot also
   * `stateOffset`; while one is written `snapshot` and `snapshotSaved`; while it is rebuilt on demand `rebuildTo`.
   */
  readonly applied: string;
  /** Sorted set of the ids of incidents that are OPEN or ACKNOWLEDGED, the worst first. */
  readonly open: string;
  /** Sorted set of services by their number of open incidents. */
  readonly services: string;
  /** Hash of counts since the start of the topic. */
  readonly counters: string;
  /** Stream of alerts. */
  readonly alerts: string;
  /** Set of the ids of all incidents that have a hash. */
  readonly ids: string;
  /** Where the sets of a snapshot are put together before they are shown. */
  readonly next: StagedKeys;
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
    this.applied = `${base}applied`;
    this.open = `${base}open`;
    this.services = `${base}services`;
    this.counters = `${base}counters`;
    this.alerts = `${base}alerts`;
    this.ids = `${base}ids`;
    this.next = new StagedKeys(`${base}next:`);
  }

  /** In the order in which the scripts expect them. */
  get fixed(): string[] {
    return [this.applied, this.open, this.services, this.counters, this.alerts, this.ids];
  }

  /** Hash of one incident; `incident('')` is what all of them start with. */
  incident(id: string): string {
    return `${this.#base}incident:${id}`;
  }

  /** Where in the key of an incident its id starts, in bytes, counted from 1 as in Lua. */
  get startOfIncidentId(): number {
    return Buffer.byteLength(this.incident('')) + 1;
  }

  /** Sorted set like `open`, of one service; `openOf('')` is what all of them start with. */
  openOf(service: string): string {
    return `${this.#base}open:${service}`;
  }
}

export class StagedKeys {
  readonly open: string;
  readonly services: string;
  readonly ids: string;
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
    this.open = `${base}open`;
    this.services = `${base}services`;
    this.ids = `${base}ids`;
  }

  /** In the order in which the scripts expect them. */
  get fixed(): string[] {
    return [this.open, this.services, this.ids];
  }

  openOf(service: string): string {
    return `${this.#base}open:${service}`;
  }
}
