import type { BoundSink } from '../../sinks/bind-sinks.ts';
import { failureOf } from '../../sinks/failure.ts';
import type { Failure } from '../../sinks/failure.ts';
import { Retry } from '../../sinks/retry.ts';
import { Sleep } from '../../sinks/sleep.ts';
import { KafkaStoppedError } from '../errors.ts';
import type { TopicFacts } from '../ports.ts';
import type { TopicNames } from '../topic-names.ts';
import { closeTimeoutOf } from './options.ts';
import type { KafkaSinksOptions } from './options.ts';
import type { KafkaSinkStatus, SinkEvent } from './sink-event.ts';
import type { DeadLetterTopic } from '../../sinks/dead-letters.ts';
import { checkSnapshot, describeTopic } from './sink-topics.ts';
import { SinkSubscription } from './sink-subscription.ts';
import { epochOf } from './topic-epochs.ts';
import { untilAborted } from './until-aborted.ts';

/** What the sinks of a process have in common. */
export interface SinkSurroundings {
  readonly names: TopicNames;
  readonly options: KafkaSinksOptions;
  readonly deadLetters: DeadLetterTopic | undefined;
}

/**
 * Keeps one sink going: waits for its topic, joins its group, and joins again after every rebalance and failure, until
 * it is closed.
 */
export class SinkWorker {
  readonly #bound: BoundSink;
  readonly #around: SinkSurroundings;
  readonly #options: KafkaSinksOptions;
  readonly #closing = new AbortController();
  readonly #pause = new Sleep();
  readonly #subscribed = Promise.withResolvers<SinkSubscription>();
  #subscription: SinkSubscription | undefined;
  /** Of the topic or the group; the subscription knows those of the outside system. */
  #failure: Failure | undefined;
  #loop: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(bound: BoundSink, around: SinkSurroundings) {
    this.#bound = bound;
    this.#around = around;
    this.#options = around.options;
    // Whoever waits for it hears of the close; nobody has to.
    this.#subscribed.promise.catch(() => undefined);
  }

  start(): void {
    if (!this.#closing.signal.aborted) this.#loop ??= this.#run();
  }

  status(): KafkaSinkStatus {
    const { connector, topic } = this.#bound.binding;
    const known = this.#subscription?.status() ?? {
      connector,
      topic,
      lag: 0,
      restoring: false,
      failure: undefined,
      state: 'starting',
      waitingFor: 'its topic',
      partitions: [],
      deleted: [],
    };
    const failure = this.#failure?.reason ?? known.failure;
    if (this.#closing.signal.aborted) return { ...known, failure, state: 'stopped', waitingFor: undefined };
    return { ...known, failure };
  }

  /** Resolves when this process's partitions have delivered what is in the topic now; rejects at the close. */
  async whenCaughtUp(): Promise<void> {
    const { signal } = this.#closing;
    const subscription = await this.#subscribed.promise;
    await untilAborted(subscription.whenCaughtUp(), signal);
  }

  /** Ends after the writes that are under way, or after `closeTimeoutMs`. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const reason = new KafkaStoppedError('the sinks were closed');
    this.#closing.abort(reason);
    this.#pause.end();
    this.#subscribed.reject(reason);
    await this.#loop;
    await this.#subscription?.close(this.#closeTimeoutMs, reason);
    await this.#bound.connector.close();
  }

  async #run(): Promise<void> {
    const retry = new Retry();
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#subscription ??= await this.#subscribe();
        this.#subscribed.resolve(this.#subscription);
        await this.#subscription.join(signal);
        this.#joined();
        retry.reset();
        await this.#subscription.deliver(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#failure = failureOf(error);
        const { connector } = this.#bound.binding;
        this.#options.onEvent?.({ type: 'sink-retrying', connector, ...this.#failure, partitions: [] });
        await this.#pause.forMs(retry.nextPauseMs());
      }
    }
  }

  #joined(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    // While the outside system fails as well, its recovery is told.
    if (this.#subscription?.isRetrying === false)
      this.#options.onEvent?.({ type: 'sink-recovered', connector: this.#bound.binding.connector });
  }

  /** That the outside system works again is only half of it while the topic or the group does not. */
  #hear(event: SinkEvent): void {
    if (event.type !== 'sink-recovered' || this.#failure === undefined) this.#options.onEvent?.(event);
  }

  async #subscribe(): Promise<SinkSubscription> {
    const { cluster, applicationId, replicationFactor, now = Date.now } = this.#options;
    const { signal } = this.#closing;
    const { facts, snapshotTopic } = await untilAborted(this.#describe(), signal);
    const topicEpoch = await untilAborted(
      epochOf(facts, { cluster, applicationId, replicationFactor, now, until: signal }),
      signal,
    );
    const options: KafkaSinksOptions = { ...this.#options, onEvent: (event) => this.#hear(event) };
    const { deadLetters } = this.#around;
    return new SinkSubscription({
      bound: this.#bound,
      options,
      deadLetters,
      facts,
      snapshotTopic,
      topicEpoch,
    });
  }

  async #describe(): Promise<{ facts: TopicFacts; snapshotTopic: string | undefined }> {
    const { names, options } = this.#around;
    const { connector, topic, snapshot } = this.#bound.binding;
    const facts = await describeTopic(options.cluster.admin, names.onCluster(topic));
    if (snapshot === undefined) return { facts, snapshotTopic: undefined };
    const table = await describeTopic(options.cluster.admin, names.onCluster(snapshot.topic));
    checkSnapshot({ connector, source: facts, table });
    return { facts, snapshotTopic: table.name };
  }

  get #closeTimeoutMs(): number {
    return closeTimeoutOf(this.#options);
  }
}
