import type { RedisPartition } from './redis-partition.ts';

const ENTRIES_A_CALL = 500;

export interface FoundAlert {
  /** Of the transition: the second half of the entry's id. */
  readonly offset: number;
  readonly alert: string | null;
}

/** The entries of a partition's stream, one by one, with a look at the next. */
export class AlertCursor {
  readonly #redis: RedisPartition;
  readonly #toId: string;
  #fromId: string;
  #entries: readonly FoundAlert[] = [];
  #at = 0;
  #isOver = false;

  /** Both ids are included. */
  constructor(redis: RedisPartition, range: { readonly fromId: string; readonly toId: string }) {
    this.#redis = redis;
    this.#fromId = range.fromId;
    this.#toId = range.toId;
  }

  async peek(): Promise<FoundAlert | undefined> {
    if (this.#at >= this.#entries.length && !this.#isOver) await this.#fetch();
    return this.#entries[this.#at];
  }

  skip(): void {
    this.#at += 1;
  }

  async #fetch(): Promise<void> {
    const found = await this.#redis.streamEntries(this.#fromId, this.#toId, ENTRIES_A_CALL);
    this.#entries = found.map(({ id, alert }) => ({ offset: Number(id.split('-')[1]), alert }));
    this.#at = 0;
    this.#isOver = found.length < ENTRIES_A_CALL;
    const last = found.at(-1);
    if (last !== undefined) this.#fromId = `(${last.id}`;
  }
}
