import type { KafkaTask } from './kafka-task.ts';
import type { KafkaAdmin } from './ports.ts';
import type { RuntimeEvent } from './runtime-event.ts';

/** As Kafka Streams' `repartition.purge.interval.ms`. */
const INTERVAL_MS = 30_000;

export interface RepartitionPurgeOptions {
  readonly admin: KafkaAdmin;
  /** The names on the cluster of the topics whose records nobody else reads. */
  readonly topics: ReadonlySet<string>;
  readonly emit: (event: RuntimeEvent) => void;
}

/**
 * Deletes from repartition topics, now and then, what their readers have committed: these topics have no retention of
 * their own, since only the readers know what is still needed.
 */
export class RepartitionPurge {
  readonly #options: RepartitionPurgeOptions;
  #lastMs = performance.now();
  #work: Promise<void> = Promise.resolve();

  constructor(options: RepartitionPurgeOptions) {
    this.#options = options;
  }

  /** Begins a purge if one is due. */
  perhaps(tasks: () => readonly KafkaTask[]): void {
    if (this.#options.topics.size === 0 || performance.now() - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = performance.now();
    this.#work = this.purge(tasks());
  }

  /** A failure is told and made good by the next purge. */
  async purge(tasks: readonly KafkaTask[]): Promise<void> {
    const { admin, topics, emit } = this.#options;
    const places = tasks.flatMap((task) => task.committedOffsets()).filter(({ topic }) => topics.has(topic));
    for (const { topic, partition, offset } of places) {
      try {
        if (offset > 0) await admin.deleteRecords({ topic, partition }, offset);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        emit({ type: 'retrying', what: `deleting what was processed of ${topic}[${partition}]`, reason });
      }
    }
  }

  /** Resolves when the purge that is under way, if any, has ended. */
  ended(): Promise<void> {
    return this.#work;
  }
}
