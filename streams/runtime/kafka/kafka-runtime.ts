import type { StateStore, StoreBuilder } from '../../state/store.ts';
import { within } from '../sinks/within.ts';
import { planTasks } from '../task/plan-tasks.ts';
import { ensureTopics } from './ensure-topics.ts';
import { KafkaStoppedError } from './errors.ts';
import { GroupSession } from './group-session.ts';
import type { KafkaRuntimeOptions } from './options.ts';
import type { KafkaTask } from './kafka-task.ts';
import type { PartitionReader } from './ports.ts';
import { RepartitionPurge } from './repartition-purge.ts';
import type { RuntimeEvent, TaskStatus } from './runtime-event.ts';
import { LmdbStateDirectory } from './state/lmdb-state-directory.ts';
import { MemoryStateDirectory } from './state/task-state.ts';
import type { StateDirectory } from './state/task-state.ts';
import { StretchReader } from './stretch-reader.ts';
import { TaskHost } from './task-host.ts';
import { TopicNames } from './topic-names.ts';
import { WakeUp } from './wake-up.ts';

export type RuntimeState = 'created' | 'rebalancing' | 'running' | 'stopped' | 'failed';

/** When nothing is due: how long to wait for something to arrive. Wall-clock punctuations are as exact as this. */
const IDLE_MS = 100;
/** A close does not wait longer for commits and brokers: what is not committed is done again elsewhere. */
const CLOSE_LIMIT_MS = 9_000;
const LET_GO_LIMIT_MS = 8_000;

/**
 * Runs a topology on a Kafka cluster, together with every other process that has the same application id.
 *
 * 1. What a task read, wrote and kept since its last commit becomes visible in one transaction or not at all
 *    (KIP-98, KIP-447): with `exactly-once` each record is processed exactly once, whatever fails.
 * 2. A task that is given up is committed first, where that is possible; whoever gets it goes on from there.
 * 3. Brokers that are away are waited for. If a processor throws, the runtime stops and says where.
 */
export class KafkaRuntime {
  readonly #options: KafkaRuntimeOptions;
  readonly #wakeUp = new WakeUp();
  #parts: Parts | undefined;
  #state: RuntimeState = 'created';
  #rebalance = false;
  /** Is the group being joined at the moment? That may take as long as the slowest member. */
  #joining = false;
  #stopping = false;
  #failure: Error | undefined;
  #loop: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaRuntimeOptions) {
    this.#options = options;
  }

  /**
   * Checks the topics, creates what is missing, and joins the group. Tasks are opened, restored and run from then on.
   * @throws {KafkaTopicError | KafkaRefusedError | TopologyError | DirectoryLockedError}
   */
  async start(): Promise<void> {
    if (this.#state !== 'created') throw new KafkaStoppedError('the runtime was started before');
    this.#state = 'rebalancing';
    this.#parts = await this.#assemble();
    this.#loop = this.#run(this.#parts);
  }

  state(): RuntimeState {
    return this.#state;
  }

  /** Why the runtime has stopped by itself; undefined while all is well. */
  failure(): Error | undefined {
    return this.#failure;
  }

  /** The tasks that are assigned to this process. */
  tasks(): TaskStatus[] {
    return this.#parts?.host.statuses() ?? [];
  }

  /** What this process's tasks have counted, by task id. It counts what is committed, and what is about to be. */
  counters(): Record<string, Readonly<Record<string, number>>> {
    return Object.fromEntries(this.#running().map((task) => [task.id, task.counters()]));
  }

  /** The store in each task of this process that has it, for reading, by partition. Read at once: the next step may change it. */
  stores<S extends StateStore>(builder: StoreBuilder<S>): S[] {
    return this.#running().flatMap((task) => task.store(builder) ?? []);
  }

  /**
   * Resolves when this process's tasks have committed all that is in their input; rejects when the runtime stops.
   * Only with one process does that say that the whole topology has done so.
   */
  async whenProcessed(): Promise<void> {
    while (!(await this.#hasProcessedAll())) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#stopping) throw new KafkaStoppedError('the runtime was closed');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Finishes the commits, leaves the group and lets go of everything but the cluster. Takes ten seconds at most. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp.wake();
    if (this.#joining) await this.#parts?.session.member.leave();
    if (this.#loop !== undefined) await within(this.#loop, CLOSE_LIMIT_MS);
    if (this.#state !== 'failed') this.#state = 'stopped';
  }

  async #assemble(): Promise<Parts> {
    const { topology, cluster, applicationId, sessionTimeoutMs = 10_000 } = this.#options;
    const names = new TopicNames(topology, this.#options);
    const partitions = await ensureTopics({
      topology,
      admin: cluster.admin,
      names,
      topics: this.#options.topics ?? {},
      replicationFactor: this.#options.replicationFactor,
    });
    const partitionsOf = (topic: string): number => partitions.get(topic) ?? 1;
    const states = this.#openStates();
    const session = new GroupSession({
      cluster,
      groupId: applicationId,
      instanceId: this.#options.instanceId,
      names,
      tasks: planTasks(topology, partitionsOf),
      sessionTimeoutMs,
      rebalanceTimeoutMs: this.#options.rebalanceTimeoutMs ?? 60_000,
      heartbeatIntervalMs: this.#options.heartbeatIntervalMs ?? Math.floor(sessionTimeoutMs / 3),
      onRebalance: () => this.#requestRebalance(),
    });
    const wake = (): void => this.#wakeUp.wake();
    const reader = cluster.reader({ onArrival: wake });
    const stretches = new StretchReader(cluster);
    const host = new TaskHost(
      {
        options: this.#options,
        names,
        partitionsOf,
        member: session.member,
        reader,
        stretches,
        states,
        limits: {
          commitIntervalMs: this.#options.commitIntervalMs ?? 100,
          maxCommitRecords: this.#options.maxCommitRecords ?? 20_000,
        },
        transactionTimeoutMs: this.#options.transactionTimeoutMs ?? 15_000,
        emit: (event) => this.#emit(event),
        wake,
      },
      { onFenced: () => this.#requestRebalance(), onFatal: (error) => this.#fail(error) },
    );
    const purge = new RepartitionPurge({
      admin: cluster.admin,
      topics: new Set([...topology.repartitionTopics].map((topic) => names.onCluster(topic))),
      emit: (event) => this.#emit(event),
    });
    return { session, host, reader, stretches, states, purge };
  }

  #openStates(): StateDirectory {
    const { stateDirectory, applicationId } = this.#options;
    return stateDirectory === undefined
      ? new MemoryStateDirectory()
      : new LmdbStateDirectory(stateDirectory, applicationId);
  }

  async #run(parts: Parts): Promise<void> {
    try {
      while (!this.#isOver) {
        await this.#join(parts);
        await this.#work(parts);
      }
    } catch (error) {
      // A join that a close has broken off rejects.
      if (!this.#stopping) this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    await within(this.#letGo(parts), LET_GO_LIMIT_MS);
  }

  async #join({ host, session, states }: Parts): Promise<void> {
    this.#state = 'rebalancing';
    this.#rebalance = false;
    this.#emit({ type: 'rebalancing' });
    await host.commitAll();
    if (this.#isOver) return;
    this.#joining = true;
    const tasks = await session.join({ owned: host.ids(), kept: states.kept() });
    this.#joining = false;
    if (this.#isOver) return;
    await host.assign(tasks);
    this.#emit({
      type: 'joined',
      generation: session.member.metadata().generationId,
      tasks: host.ids(),
    });
    this.#state = 'running';
  }

  /** Gives the tasks turns until the group is to be joined again, or all ends. */
  async #work({ host, purge }: Parts): Promise<void> {
    while (!this.#rebalance && !this.#isOver) {
      purge.perhaps(() => host.running());
      const processed = host.turn();
      if (processed > 0) await new Promise((resolve) => setImmediate(resolve));
      else await this.#wakeUp.wait(Math.min(IDLE_MS, host.nextCommitInMs()));
    }
  }

  async #letGo({ host, session, reader, stretches, states, purge }: Parts): Promise<void> {
    if (this.#failure === undefined) await host.commitAll();
    await host.releaseAll();
    await purge.ended();
    await session.member.leave();
    await Promise.all([reader.close(), stretches.close()]);
    states.close();
  }

  async #hasProcessedAll(): Promise<boolean> {
    const host = this.#parts?.host;
    if (this.#state !== 'running' || host === undefined) return false;
    const tasks = this.#running();
    if (tasks.length < host.ids().length || tasks.some((task) => task.dirty || task.committing)) return false;
    const { admin } = this.#options.cluster;
    for (const { offset, ...place } of tasks.flatMap((task) => task.committedOffsets())) {
      if ((await admin.offsetRange(place)).highWatermark > offset) return false;
    }
    return !tasks.some((task) => task.dirty || task.committing) && !this.#rebalance;
  }

  #running(): KafkaTask[] {
    return this.#parts?.host.running() ?? [];
  }

  #requestRebalance(): void {
    this.#rebalance = true;
    this.#wakeUp.wake();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#state = 'failed';
    this.#emit({ type: 'failed', reason: error.message });
    this.#wakeUp.wake();
  }

  #emit(event: RuntimeEvent): void {
    this.#options.onEvent?.(event);
  }

  get #isOver(): boolean {
    return this.#stopping || this.#failure !== undefined;
  }
}

interface Parts {
  readonly session: GroupSession;
  readonly host: TaskHost;
  readonly reader: PartitionReader;
  readonly stretches: StretchReader;
  readonly states: StateDirectory;
  readonly purge: RepartitionPurge;
}
