import type { OutgoingRecord } from '../../../records/record.ts';
import { bindSinks } from '../../sinks/bind-sinks.ts';
import { KafkaSinkError } from '../errors.ts';
import { TopicNames } from '../topic-names.ts';
import { KafkaDeadLetters } from './kafka-dead-letters.ts';
import { closeTimeoutOf } from './options.ts';
import type { KafkaSinksOptions } from './options.ts';
import type { KafkaSinkStatus } from './sink-event.ts';
import { SinkWorker } from './sink-worker.ts';

/**
 * Feeds the connectors of a topology's sinks from the topics of a cluster. Any number of processes share the
 * partitions of each sink, in a consumer group of its own.
 *
 * 1. Only committed records are delivered, each partition in order, and each batch again as it was until its effect is
 *    acknowledged, by whatever process.
 * 2. A slow or absent outside system stops nothing else and misses nothing, unless retention deletes it before: that is
 *    shown and told.
 * 3. Failures are retried for ever: of the cluster, of the outside system, of a topic that is not there yet.
 */
export class KafkaSinks {
  readonly #options: KafkaSinksOptions;
  readonly #workers: readonly SinkWorker[];
  readonly #deadLetters: KafkaDeadLetters;
  #closed: Promise<void> | undefined;

  /** @throws {KafkaSinkError} for a connector that no sink of the topology declares */
  constructor(options: KafkaSinksOptions) {
    this.#options = options;
    const names = new TopicNames(options.topology, options);
    const bound = bindSinks(options.topology, options.sinks, (message) => new KafkaSinkError(message));
    this.#deadLetters = new KafkaDeadLetters(options.cluster, (topic) => names.onCluster(topic));
    const { deadLetterTopic } = options.topology;
    const deadLetters =
      deadLetterTopic === undefined
        ? undefined
        : { topic: deadLetterTopic, send: (record: OutgoingRecord) => this.#deadLetters.send(record) };
    this.#workers = bound.map((sink) => new SinkWorker(sink, { names, options, deadLetters }));
  }

  /** Begins; what goes wrong is retried and shown in the status. */
  start(): void {
    for (const worker of this.#workers) worker.start();
  }

  status(): KafkaSinkStatus[] {
    return this.#workers.map((worker) => worker.status());
  }

  /**
   * Resolves when the partitions that this process has been assigned have delivered what is in the topics now, and have
   * got back what the outside systems had lost; rejects at the close. It waits while a group is forming.
   */
  async whenCaughtUp(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.whenCaughtUp()));
  }

  /** Lets the writes under way come to their end, commits, leaves the groups and closes the connectors. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = await Promise.allSettled(this.#workers.map((worker) => worker.close()));
    await this.#deadLetters.close(closeTimeoutOf(this.#options));
    for (const end of closed) if (end.status === 'rejected') throw end.reason;
  }
}
