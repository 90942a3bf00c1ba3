import { TopologyError } from '../../errors.ts';
import { sourcesOf } from '../../graph/topology.ts';
import type { SubTopology, Topology } from '../../graph/topology.ts';
import type { StateStore, StoreBuilder } from '../../state/store.ts';
import { LmdbByteStore } from '../../state/lmdb/lmdb-byte-store.ts';
import { planTasks } from '../task/plan-tasks.ts';
import { NO_PROGRESS } from '../task/ports.ts';
import type { TaskProgress } from '../task/ports.ts';
import { StreamTask } from '../task/stream-task.ts';
import type { Environment } from './environment.ts';
import type { Progress } from './progress.ts';
import type { TopicLog } from './topic-log.ts';
import type { TopicRegistry } from './topic-registry.ts';

/** A task is given more of a topic's records when fewer than these wait in it. */
const MIN_BUFFERED = 500;
const RECORDS_PER_TURN = 2_000;

export interface TaskHostParts {
  readonly environment: Environment;
  readonly topics: TopicRegistry;
  readonly log: TopicLog;
  readonly progress: Progress;
}

/** The tasks of a topology over one environment: feeds them from the log, and stores how far they have come. */
export class TaskHost {
  readonly #parts: TaskHostParts;
  readonly #tasks: HostedTask[];

  constructor(topology: Topology, parts: TaskHostParts) {
    this.#parts = parts;
    this.#tasks = planTasks(topology, (topic) => parts.topics.get(topic).partitions).map(
      ({ subTopology, partition }) => {
        const progress = parts.progress.ofTask(`${subTopology.id}_${partition}`) ?? NO_PROGRESS;
        assertSameTopics(subTopology, progress);
        const task = new StreamTask({
          subTopology,
          partition,
          deadLetterTopic: topology.deadLetterTopic,
          progress,
          ports: {
            send: (record) => parts.log.append(record),
            openStore: (name) =>
              new LmdbByteStore(parts.environment.database(`store:${name}`), {
                name,
                partition,
                isWritable: () => parts.environment.inTransaction,
              }),
          },
        });
        return { task, fetchOffsets: { ...progress.nextOffsets }, changed: false };
      },
    );
  }

  /** Gives every task one turn; returns how many records were processed. Call within a transaction. */
  turn(): number {
    let processed = 0;
    for (const hosted of this.#tasks) {
      this.#fetch(hosted);
      const taken = hosted.task.process(RECORDS_PER_TURN);
      if (taken > 0) hosted.changed = true;
      processed += taken;
    }
    return processed;
  }

  /** Lets wall-clock punctuations run. Call within a transaction. */
  advanceWallClock(nowMs: number): void {
    for (const hosted of this.#tasks) if (hosted.task.advanceWallClock(nowMs)) hosted.changed = true;
  }

  /** Writes the state of the tasks that did something. Call within the same transaction as their turns. */
  flush(): void {
    for (const hosted of this.#tasks) {
      if (!hosted.changed) continue;
      this.#parts.progress.saveTask(hosted.task.id, hosted.task.flush());
      hosted.changed = false;
    }
  }

  /** How many records lie in the log that the tasks have not processed. */
  lag(): number {
    let lag = 0;
    for (const { task } of this.#tasks) {
      for (const topic of task.sourceTopics)
        lag += this.#parts.log.endOffset(topic, task.partition) - task.nextOffset(topic);
    }
    return lag;
  }

  tasks(): readonly StreamTask[] {
    return this.#tasks.map((hosted) => hosted.task);
  }

  /** The store in each task that has it, by partition. */
  stores<S extends StateStore>(builder: StoreBuilder<S>): S[] {
    const stores = this.#tasks.flatMap(({ task }) => task.store(builder) ?? []);
    if (stores.length === 0) throw new TopologyError(`the topology has no store "${builder.name}"`);
    return stores;
  }

  #fetch(hosted: HostedTask): void {
    const { task, fetchOffsets } = hosted;
    for (const topic of task.sourceTopics) {
      if (task.bufferedOf(topic) >= MIN_BUFFERED) continue;
      const batch = this.#parts.log.read(topic, task.partition, fetchOffsets[topic] ?? 0);
      if (batch === undefined) continue;
      const records = [...batch];
      const last = records.at(-1);
      if (last === undefined) continue;
      task.addRecords(topic, records);
      fetchOffsets[topic] = last.offset + 1;
    }
  }
}

/** Offsets belong to a sub-topology by its number: where numbers have moved, what was read would be read again. */
function assertSameTopics(subTopology: SubTopology, { nextOffsets }: TaskProgress): void {
  const topics = new Set(sourcesOf(subTopology).map((source) => source.topic));
  const left = Object.keys(nextOffsets).find((topic) => !topics.has(topic));
  if (left === undefined) return;
  throw new TopologyError(
    `sub-topology ${subTopology.id} has read the topic "${left}" here, which it reads no more: ` +
      'declare new streams behind the old ones, or use a new data directory',
  );
}

interface HostedTask {
  readonly task: StreamTask;
  /** The next offset to read; ahead of the task's own by what waits in it. */
  readonly fetchOffsets: Record<string, number>;
  changed: boolean;
}
