import type { BoundSink } from '../sinks/bind-sinks.ts';
import type { DeadLetterTopic } from '../sinks/dead-letters.ts';
import { SinkDelivery } from '../sinks/sink-delivery.ts';
import type { SinkDeliveryEvent } from '../sinks/sink-delivery-event.ts';
import type { SinkStatus } from '../sinks/sink-status.ts';
import { EmbeddedStoppedError } from './errors.ts';
import type { Progress } from './progress.ts';
import { SinkLog } from './sink-log.ts';
import { SnapshotLog } from './snapshot-log.ts';
import type { TopicLog } from './topic-log.ts';
import type { TopicDescription } from './topic-registry.ts';

/** What the sinks of a runtime have in common. */
export interface SinkRunnerParts {
  readonly log: TopicLog;
  readonly progress: Progress;
  readonly transaction: (work: () => void) => void;
  readonly deadLetters: DeadLetterTopic | undefined;
  readonly markCheckMs: number | undefined;
  readonly onSinkEvent: ((event: SinkDeliveryEvent) => void) | undefined;
}

export interface SinkRunnerOptions extends SinkRunnerParts, BoundSink {
  readonly topic: TopicDescription;
}

/** Feeds one connector from all partitions of its topic, one batch at a time. */
export class SinkRunner {
  readonly #options: SinkRunnerOptions;
  readonly #delivery: SinkDelivery;
  readonly #partitions: readonly number[];

  constructor(options: SinkRunnerOptions) {
    const { binding, connector, topic, log, progress, transaction, deadLetters } = options;
    const { snapshot } = binding;
    const placeOf = (partition: number) => ({
      connector: binding.connector,
      topic: binding.topic,
      partition,
    });
    this.#options = options;
    this.#partitions = Array.from({ length: topic.partitions }, (_, partition) => partition);
    this.#delivery = new SinkDelivery({
      binding,
      connector,
      source: { topic: topic.name, partitions: topic.partitions, topicEpoch: topic.createdAtMs },
      deadLetters,
      markCheckMs: options.markCheckMs,
      onEvent: options.onSinkEvent,
      snapshotLog: snapshot === undefined ? undefined : new SnapshotLog(log, snapshot.topic),
      log: new SinkLog(log, topic.name),
      store: {
        save: (partition, reached) => transaction(() => progress.saveSink(placeOf(partition), reached)),
      },
      concurrency: 1,
    });
    this.#delivery.assign(
      new Map(this.#partitions.map((partition) => [partition, progress.ofSink(placeOf(partition))])),
    );
  }

  start(): void {
    this.#delivery.start();
  }

  /** There is something new in the log. */
  wake(): void {
    this.#delivery.wake();
  }

  status(): SinkStatus {
    return this.#delivery.status();
  }

  /** Resolves when everything that is in the topic now has been acknowledged, and nothing is missing. */
  whenCaughtUp(): Promise<void> {
    const { log, topic } = this.#options;
    return this.#delivery.whenReached(
      this.#partitions.map((partition) => log.endOffset(topic.name, partition)),
    );
  }

  /** Ends after the write that is under way; the connector is closed even if it could not be opened. */
  async stop(): Promise<void> {
    await this.#delivery.stop(new EmbeddedStoppedError('the runtime was closed'));
    await this.#options.connector.close();
  }
}
