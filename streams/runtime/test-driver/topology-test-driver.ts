import { TopologyError } from '../../errors.ts';
import { topicsOf } from '../../graph/topology.ts';
import type { Topology } from '../../graph/topology.ts';
import { partitionForKey } from '../../records/partitioner.ts';
import { NO_HEADERS } from '../../records/record.ts';
import type { Headers, LogRecord, OutgoingRecord } from '../../records/record.ts';
import type { Serde } from '../../records/serde.ts';
import { MemoryByteStore } from '../../state/memory-byte-store.ts';
import type { StateStore, StoreBuilder } from '../../state/store.ts';
import { planTasks } from '../task/plan-tasks.ts';
import { NO_PROGRESS } from '../task/ports.ts';
import { StreamTask } from '../task/stream-task.ts';

export interface TopologyTestDriverOptions {
  /** Partitions of every topic. Default 1. */
  readonly partitions?: number;
}

export interface TestRecord<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Runs a topology's tasks, the very ones that the runtimes run, in the test's own thread: each record that is piped
 * in has had all its effects when `pipe` returns. Stream time follows the records; the wall clock stands still until
 * the test moves it.
 */
export class TopologyTestDriver {
  readonly #partitions: number;
  readonly #topics = new Map<string, LogRecord[][]>();
  readonly #tasks: { task: StreamTask; fetched: Map<string, number> }[];
  #wallClockMs = 0;

  constructor(topology: Topology, options: TopologyTestDriverOptions = {}) {
    this.#partitions = options.partitions ?? 1;
    for (const topic of topicsOf(topology)) this.#partitionsOf(topic);
    this.#tasks = planTasks(topology, () => this.#partitions).map(({ subTopology, partition }) => {
      const ports = {
        send: (record: OutgoingRecord) => this.#append(record),
        openStore: () => new MemoryByteStore(),
      };
      const { deadLetterTopic } = topology;
      return {
        task: new StreamTask({ subTopology, partition, deadLetterTopic, ports, progress: NO_PROGRESS }),
        fetched: new Map(),
      };
    });
    for (const { task } of this.#tasks) task.advanceWallClock(this.#wallClockMs);
  }

  /** Appends bytes to a topic and processes all that follows from them. */
  pipeBytes(record: OutgoingRecord): void {
    this.#append(record);
    this.#runToEnd();
  }

  /** A topic to pipe typed records into. */
  input<K, V>(topic: string, serdes: { key: Serde<K>; value: Serde<V> }) {
    return {
      pipe: (key: K, value: V, timestamp: number): void => {
        const bytes = { key: serdes.key.serialize(key), value: serdes.value.serialize(value) };
        this.pipeBytes({ topic, timestamp, ...bytes, headers: NO_HEADERS });
      },
    };
  }

  /** All records of a topic, partition after partition. */
  output<K, V>(topic: string, serdes: { key: Serde<K>; value: Serde<V> }): TestRecord<K | null, V | null>[] {
    return this.bytesOf(topic).map((record) => ({
      key: record.key === null ? null : serdes.key.deserialize(record.key),
      value: record.value === null ? null : serdes.value.deserialize(record.value),
      timestamp: record.timestamp,
      headers: record.headers,
      partition: record.partition,
      offset: record.offset,
    }));
  }

  bytesOf(topic: string): LogRecord[] {
    return this.#partitionsOf(topic).flat();
  }

  /** Moves the wall clock on, and lets punctuations run that fall due by it. */
  advanceWallClock(byMs: number): void {
    this.#wallClockMs += byMs;
    for (const { task } of this.#tasks) task.advanceWallClock(this.#wallClockMs);
    this.#runToEnd();
  }

  /** The store in each task that has it, by partition. */
  stores<S extends StateStore>(builder: StoreBuilder<S>): S[] {
    return this.#tasks.flatMap(({ task }) => task.store(builder) ?? []);
  }

  /** What each task has counted, by task id (`<sub-topology>_<partition>`). */
  counters(): Record<string, Readonly<Record<string, number>>> {
    return Object.fromEntries(this.#tasks.map(({ task }) => [task.id, task.counters()]));
  }

  #runToEnd(): void {
    for (let progressed = true; progressed;) {
      progressed = false;
      for (const { task, fetched } of this.#tasks) {
        for (const topic of task.sourceTopics) {
          const records = this.#partitionsOf(topic)[task.partition] ?? [];
          task.addRecords(topic, records.slice(fetched.get(topic) ?? 0));
          fetched.set(topic, records.length);
        }
        if (task.process(Infinity) > 0) {
          task.flush();
          progressed = true;
        }
      }
    }
  }

  #append(record: OutgoingRecord): void {
    const partitions = this.#partitionsOf(record.topic);
    const partition =
      record.partition ?? (record.key === null ? 0 : partitionForKey(record.key, partitions.length));
    const log = partitions[partition];
    if (log === undefined) {
      throw new TopologyError(
        `topic "${record.topic}" has ${partitions.length} partitions, there is no partition ${partition}`,
      );
    }
    log.push({ ...record, partition, offset: log.length });
  }

  #partitionsOf(topic: string): LogRecord[][] {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined)
      this.#topics.set(topic, (partitions = Array.from({ length: this.#partitions }, () => [])));
    return partitions;
  }
}
