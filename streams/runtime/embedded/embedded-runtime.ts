import { topicsOf } from '../../graph/topology.ts';
import type { Topology } from '../../graph/topology.ts';
import type { LogRecord, OutgoingRecord } from '../../records/record.ts';
import type { StateStore, StoreBuilder } from '../../state/store.ts';
import type { AnySinkConnector } from '../sinks/bind-sinks.ts';
import type { DeadLetterTopic } from '../sinks/dead-letters.ts';
import type { SinkDeliveryEvent } from '../sinks/sink-delivery-event.ts';
import type { SinkStatus } from '../sinks/sink-status.ts';
import { planTasks } from '../task/plan-tasks.ts';
import { CommitListeners } from './commit-listeners.ts';
import { Environment } from './environment.ts';
import { EmbeddedReentryError, EmbeddedStoppedError } from './errors.ts';
import { makeSinkRunners } from './make-sink-runners.ts';
import { Progress } from './progress.ts';
import type { SinkRunner } from './sink-runner.ts';
import { TaskHost } from './task-host.ts';
import { TopicLog } from './topic-log.ts';
import { TopicRegistry } from './topic-registry.ts';
import type { TopicOptions } from './topic-registry.ts';

/** The moments of a commit at which a crash test may strike. */
export type CommitStep = 'processed' | 'flushed' | 'committed';

export interface EmbeddedRuntimeOptions {
  readonly topology: Topology;
  /** Where the data lies; created if missing. */
  readonly directory: string;
  /** Partitions of topics that `topics` does not name. Default 4. */
  readonly partitions?: number;
  readonly topics?: Readonly<Record<string, TopicOptions>>;
  /** A connector for each sink of the topology, by name. A sink without one waits: what it missed it gets later. */
  readonly sinks?: Readonly<Record<string, AnySinkConnector>>;
  /** How often a sink that keeps marks is asked what it still holds, in milliseconds. Default 5,000. */
  readonly markCheckMs?: number;
  /** Hears of failures and recoveries of the sinks, and of what outside systems have lost. */
  readonly onSinkEvent?: (event: SinkDeliveryEvent) => void;
  /** How long tasks may work before a commit, in milliseconds. Timers and requests wait as long. Default 40. */
  readonly maxCommitMs?: number;
  /** Hears of each step of each commit. */
  readonly onCommitStep?: (step: CommitStep) => void;
  /** The wall clock, for wall-clock punctuations and the times at which topics are created. Default `Date.now`. */
  readonly now?: () => number;
}

export interface Produced {
  readonly partition: number;
  readonly offset: number;
}

/**
 * Runs a topology in this process, over one LMDB environment and without a broker.
 *
 * 1. What the tasks read, wrote, kept and counted since the last commit becomes durable in one transaction or not
 *    at all, also when the process is killed: each record is processed exactly once.
 * 2. Sinks follow in their own time; a slow or absent one stops nothing and misses nothing.
 * 3. If a processor throws, the runtime stops and says where; what was committed before stays.
 */
export class EmbeddedRuntime {
  readonly #options: EmbeddedRuntimeOptions;
  readonly #environment: Environment;
  readonly #topics: TopicRegistry;
  readonly #log: TopicLog;
  readonly #progress: Progress;
  #tasks: TaskHost;
  readonly #sinks: readonly SinkRunner[];
  readonly #commitListeners = new CommitListeners();
  readonly #idleWaiters = new Set<{ resolve: () => void; reject: (reason: Error) => void }>();
  #scheduled = false;
  #started = false;
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: EmbeddedRuntimeOptions, environment: Environment) {
    this.#options = options;
    this.#environment = environment;
    this.#topics = new TopicRegistry(this.#environment.database('topics'));
    this.#log = new TopicLog(this.#environment.database('log', { compressed: true }), this.#topics);
    this.#progress = new Progress(this.#environment.database('progress'));
    this.#environment.transaction(() => this.#ensureTopics());
    this.#tasks = this.#makeTasks();
    this.#sinks = this.#makeSinkRunners();
  }

  /**
   * Opens the data directory, and creates what is missing. Nothing is processed before `start`.
   * @throws {DirectoryLockedError | EmbeddedTopicError | EmbeddedSinkError | TopologyError}
   */
  static open(options: EmbeddedRuntimeOptions): EmbeddedRuntime {
    const environment = Environment.open(options.directory);
    try {
      return new EmbeddedRuntime(options, environment);
    } catch (error) {
      environment.abandon();
      throw error;
    }
  }

  /** Begins to process what lies in the topics and what comes. */
  start(): void {
    this.#assertAlive();
    this.#started = true;
    for (const sink of this.#sinks) sink.start();
    this.#wake();
  }

  /**
   * Appends records to topics. They are durable when it returns. With `position` the caller's own position is stored
   * in the same transaction, so that a producer which was killed knows how far it had come.
   * @throws {EmbeddedTopicError | EmbeddedStoppedError | EmbeddedReentryError}
   */
  produce(
    records: readonly OutgoingRecord[],
    position?: { readonly producer: string; readonly value: number },
  ): Produced[] {
    this.#assertAlive();
    const produced = this.#transaction(() => {
      const places = records.map((record) => this.#log.append(record));
      this.#log.flush();
      if (position !== undefined) this.#progress.saveProducer(position.producer, position.value);
      return places;
    });
    this.#wake();
    this.#notifyCommit();
    return produced;
  }

  producerPosition(producer: string): number | undefined {
    this.#assertOpen();
    return this.#progress.ofProducer(producer);
  }

  /** How many records the tasks have still to process. */
  lag(): number {
    this.#assertOpen();
    return this.#tasks.lag();
  }

  /** Why the runtime has stopped by itself; undefined while all is well. */
  failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when the tasks have processed everything; rejects when a processor has thrown, or at the close. */
  async whenProcessed(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.lag() === 0) return;
    await new Promise<void>((resolve, reject) => this.#idleWaiters.add({ resolve, reject }));
  }

  /**
   * Resolves when the sinks that have a connector have caught up with their topics as they are now, and have got back
   * what they had lost; rejects at the close.
   */
  async whenSinksCaughtUp(): Promise<void> {
    this.#assertOpen();
    await Promise.all(this.#sinks.map((sink) => sink.whenCaughtUp()));
  }

  /**
   * The store in each task that has it, by partition, for reading. Read at once: the next step may change it. Ask for
   * it each time: after a failure it is another one, which holds what was committed.
   */
  stores<S extends StateStore>(builder: StoreBuilder<S>): readonly S[] {
    this.#assertOpen();
    return this.#tasks.stores(builder);
  }

  /** What each task has counted, by task id (`<sub-topology>_<partition>`). */
  counters(): Record<string, Readonly<Record<string, number>>> {
    this.#assertOpen();
    return Object.fromEntries(this.#tasks.tasks().map((task) => [task.id, task.counters()]));
  }

  sinkStatus(): SinkStatus[] {
    return this.#sinks.map((sink) => sink.status());
  }

  partitionsOf(topic: string): number {
    return this.#topics.get(topic).partitions;
  }

  /** The offset that the topic's next record in the partition will get. */
  endOffset(topic: string, partition: number): number {
    this.#assertOpen();
    return this.#log.endOffset(topic, partition);
  }

  /** Records of one partition from an offset on, up to the end of the log. */
  *records(topic: string, partition: number, fromOffset = 0): Iterable<LogRecord> {
    let offset = Math.max(fromOffset, 0);
    for (;;) {
      this.#assertOpen();
      const batch = this.#log.read(topic, partition, offset);
      if (batch === undefined) return;
      for (const record of batch) {
        yield record;
        offset = record.offset + 1;
      }
    }
  }

  /**
   * Calls back after each commit; returns how to end it. Commits that listeners bring about are told one by one, or
   * several as one.
   */
  onCommit(listener: () => void): () => void {
    return this.#commitListeners.add(listener);
  }

  /** Lets wall-clock punctuations run that have fallen due. */
  advanceWallClock(): void {
    this.#assertAlive();
    try {
      this.#transaction(() => {
        this.#tasks.advanceWallClock(this.#nowMs());
        this.#tasks.flush();
        this.#log.flush();
      });
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
    this.#wake();
    this.#notifyCommit();
  }

  /** Ends the sinks, waits until all is on disk and releases the directory. Records not yet processed wait for the next start. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#commitListeners.clear();
    this.#settleIdle(new EmbeddedStoppedError('the runtime was closed'));
    const stopped = await Promise.allSettled(this.#sinks.map((sink) => sink.stop()));
    await this.#environment.close();
    for (const end of stopped) if (end.status === 'rejected') throw end.reason;
  }

  #wake(): void {
    if (this.#scheduled || !this.#started || this.#isStopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#isStopped) this.#step();
    });
  }

  #step(): void {
    let processed: number;
    try {
      processed = this.#transaction(() => this.#work());
    } catch (error) {
      return this.#fail(error as Error);
    }
    if (processed === 0) return this.#settleIdle(undefined);
    this.#options.onCommitStep?.('committed');
    this.#notifyCommit();
    this.#wake();
  }

  /** The tasks' stores and counters hold what was not committed: others take their place, for those who still read. */
  #fail(failure: Error): void {
    this.#failure = failure;
    this.#tasks = this.#makeTasks();
    this.#settleIdle(failure);
  }

  #work(): number {
    const deadline = performance.now() + (this.#options.maxCommitMs ?? 40);
    let processed = 0;
    for (;;) {
      const turn = this.#tasks.turn();
      processed += turn;
      this.#log.flush();
      if (turn === 0 || performance.now() >= deadline) break;
    }
    if (processed > 0) {
      this.#options.onCommitStep?.('processed');
      this.#tasks.flush();
      this.#log.flush();
      this.#options.onCommitStep?.('flushed');
    }
    return processed;
  }

  #transaction<T>(work: () => T): T {
    try {
      return this.#environment.transaction(work);
    } catch (error) {
      this.#log.reset();
      throw error;
    }
  }

  #notifyCommit(): void {
    for (const sink of this.#sinks) sink.wake();
    this.#commitListeners.notify();
  }

  #settleIdle(failure: Error | undefined): void {
    for (const waiter of this.#idleWaiters) {
      if (failure === undefined) waiter.resolve();
      else waiter.reject(failure);
    }
    this.#idleWaiters.clear();
  }

  #assertAlive(): void {
    if (this.#failure !== undefined)
      throw new EmbeddedStoppedError(`the runtime has stopped: ${this.#failure.message}`, {
        cause: this.#failure,
      });
    this.#assertOpen();
    if (this.#environment.inTransaction)
      throw new EmbeddedReentryError(
        'a step is under way: a processor writes by forwarding, not through the runtime',
      );
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new EmbeddedStoppedError('the runtime is closed');
  }

  get #isStopped(): boolean {
    return this.#closing !== undefined || this.#failure !== undefined;
  }

  #nowMs(): number {
    return (this.#options.now ?? Date.now)();
  }

  #ensureTopics(): void {
    const { topology, topics = {}, partitions = 4 } = this.#options;
    for (const topic of new Set([...topicsOf(topology), ...Object.keys(topics)])) {
      const wanted = {
        partitions: topics[topic]?.partitions ?? partitions,
        cleanupPolicy: topics[topic]?.cleanupPolicy ?? 'delete',
      };
      this.#topics.ensure(topic, wanted, this.#nowMs());
    }
    // Before anything is created for good: a topology that cannot run leaves no topics behind.
    planTasks(topology, (topic) => this.#topics.get(topic).partitions);
  }

  #makeTasks(): TaskHost {
    const tasks = new TaskHost(this.#options.topology, {
      environment: this.#environment,
      topics: this.#topics,
      log: this.#log,
      progress: this.#progress,
    });
    // The first time only begins the schedules.
    tasks.advanceWallClock(this.#nowMs());
    return tasks;
  }

  #makeSinkRunners(): SinkRunner[] {
    const { topology, sinks = {}, markCheckMs, onSinkEvent } = this.#options;
    return makeSinkRunners({
      topology,
      connectors: sinks,
      topics: this.#topics,
      log: this.#log,
      progress: this.#progress,
      transaction: (work) => this.#transaction(work),
      deadLetters: this.#deadLetters(),
      markCheckMs,
      onSinkEvent,
    });
  }

  /** Sinks go on after a processor has thrown, so this does not go through `produce`. */
  #deadLetters(): DeadLetterTopic | undefined {
    const { deadLetterTopic } = this.#options.topology;
    if (deadLetterTopic === undefined) return undefined;
    const send = (record: OutgoingRecord): void => {
      this.#transaction(() => {
        this.#log.append(record);
        this.#log.flush();
      });
      this.#wake();
      this.#notifyCommit();
    };
    return { topic: deadLetterTopic, send };
  }
}
