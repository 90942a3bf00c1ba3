import type { Database } from 'lmdb';
import { EmbeddedTopicError } from './errors.ts';

/** Partitions are numbered with two bytes. */
const MAX_PARTITIONS = 65_536;

/** `delete`: every record is kept as it was written. `compact`: of each key only the newest record must stay. */
export type CleanupPolicy = 'delete' | 'compact';

export interface TopicOptions {
  readonly partitions?: number;
  readonly cleanupPolicy?: CleanupPolicy;
}

export interface TopicDescription {
  readonly name: string;
  readonly id: number;
  readonly partitions: number;
  readonly cleanupPolicy: CleanupPolicy;
  readonly createdAtMs: number;
}

/** The topics that exist, with what cannot be changed about them later. */
export class TopicRegistry {
  readonly #database: Database<Buffer, Buffer>;
  readonly #topics = new Map<string, TopicDescription>();

  constructor(database: Database<Buffer, Buffer>) {
    this.#database = database;
    for (const { value } of database.getRange({})) {
      const topic = JSON.parse(value.toString('utf8')) as TopicDescription;
      this.#topics.set(topic.name, topic);
    }
  }

  /** Creates the topic, or checks that it is as it is asked for. Call within a transaction. */
  ensure(name: string, wanted: Required<TopicOptions>, nowMs: number): void {
    const { partitions } = wanted;
    if (!Number.isSafeInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS)
      throw new EmbeddedTopicError(
        `topic "${name}" needs a whole number of partitions from 1 to ${MAX_PARTITIONS}, not ${partitions}`,
      );
    const known = this.#topics.get(name);
    if (known === undefined) {
      const topic: TopicDescription = { name, id: this.#topics.size + 1, ...wanted, createdAtMs: nowMs };
      this.#database.putSync(Buffer.from(name), Buffer.from(JSON.stringify(topic)));
      this.#topics.set(name, topic);
    } else if (known.partitions !== wanted.partitions || known.cleanupPolicy !== wanted.cleanupPolicy) {
      throw new EmbeddedTopicError(
        `topic "${name}" exists with ${known.partitions} partitions and clean-up policy "${known.cleanupPolicy}", ` +
          `but ${wanted.partitions} and "${wanted.cleanupPolicy}" are asked for: use the old settings or a new data directory`,
      );
    }
  }

  get(name: string): TopicDescription {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new EmbeddedTopicError(`there is no topic "${name}"`);
    return topic;
  }

  all(): readonly TopicDescription[] {
    return [...this.#topics.values()];
  }
}
