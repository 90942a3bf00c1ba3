import { TopologyError } from '../../errors.ts';
import { sourcesOf } from '../../graph/topology.ts';
import type { Topology } from '../../graph/topology.ts';
import type { LogRecord, OutgoingRecord } from '../../records/record.ts';
import { MemoryByteStore } from '../../state/memory-byte-store.ts';
import { NO_PROGRESS } from '../task/ports.ts';
import { StreamTask } from '../task/stream-task.ts';

export interface TaskReplayOptions {
  /** The only source of the sub-topology whose task is run, by its declared name. */
  readonly topic: string;
  readonly partition: number;
}

/**
 * Says what follows from a partition's records, read from its beginning: runs the task that reads it, on stores in
 * memory, and keeps neither what comes in nor what comes out. Records keep their offsets, so what tells of them does.
 */
export class TaskReplay {
  readonly #task: StreamTask;
  readonly #topic: string;
  #sent: OutgoingRecord[] = [];

  /** @throws {TopologyError} where no sub-topology reads the topic, or reads another one with it */
  constructor(topology: Topology, { topic, partition }: TaskReplayOptions) {
    const subTopology = topology.subTopologies.find((one) =>
      sourcesOf(one).some((source) => source.topic === topic),
    );
    if (subTopology === undefined) throw new TopologyError(`nothing reads the topic "${topic}"`);
    if (sourcesOf(subTopology).length > 1)
      throw new TopologyError(`"${topic}" is read together with other topics: it cannot be replayed alone`);
    this.#topic = topic;
    this.#task = new StreamTask({
      subTopology,
      partition,
      deadLetterTopic: topology.deadLetterTopic,
      progress: NO_PROGRESS,
      ports: { send: (record) => this.#sent.push(record), openStore: () => new MemoryByteStore() },
    });
  }

  /** Processes records that follow on those before, and returns all that they led to, in order. */
  process(records: readonly LogRecord[]): readonly OutgoingRecord[] {
    this.#task.addRecords(
      this.#topic,
      records.map((record) => ({ ...record, topic: this.#topic })),
    );
    this.#task.process(Infinity);
    this.#task.flush();
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}
