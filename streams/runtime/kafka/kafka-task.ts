import type { StateStore, StoreBuilder } from '../../state/store.ts';
import type { StreamTask } from '../task/stream-task.ts';
import type { TaskProgress } from '../task/ports.ts';
import { inDeclaredTopic } from './declared-topic.ts';
import { KafkaOffsetError } from './errors.ts';
import { encodeNotes } from './offset-metadata.ts';
import type { CommitStep } from './options.ts';
import type { Outbox } from './outbox.ts';
import type {
  Arrival,
  CommittedOffset,
  GroupMember,
  PartitionReader,
  PlacedRecord,
  TransactionalProducer,
  WrittenRange,
} from './ports.ts';
import type { KafkaRuntimeOptions } from './options.ts';
import type { TaskState } from './state/task-state.ts';
import type { Change, TransactionBuffer } from './state/transaction-buffer.ts';
import type { TopicNames } from './topic-names.ts';

/** A task is given more of a topic's records when fewer than these wait in it. */
const MIN_BUFFERED = 1_000;

export interface KafkaTaskParts {
  readonly task: StreamTask;
  readonly outbox: Outbox;
  readonly buffers: ReadonlyMap<string, TransactionBuffer>;
  /** The names of the stores whose changes are written to a changelog. */
  readonly logged: ReadonlySet<string>;
  readonly state: TaskState;
  readonly producer: TransactionalProducer;
  readonly reader: PartitionReader;
  readonly member: GroupMember;
  readonly names: TopicNames;
  readonly progress: TaskProgress;
  readonly guarantee: 'exactly-once' | 'at-least-once';
  readonly limits: { readonly commitIntervalMs: number; readonly maxCommitRecords: number };
  readonly beforeDecode: KafkaRuntimeOptions['beforeDecode'];
  readonly onStep: (step: CommitStep) => void;
  /** Something has changed outside of a step: look at the task again. */
  readonly wake: () => void;
}

/**
 * A task at work: reads its partitions, processes, and commits what follows as one transaction.
 *
 * 1. Between two commits nothing of what it does is seen by anybody: outputs, changelogs, offsets and the stores here
 *    change with the transaction.
 * 2. While one transaction is being committed the next is being filled; a third is not begun.
 * 3. After any failure it is good for nothing but `abandon`: whoever opens it again begins at what is committed.
 */
export class KafkaTask {
  readonly #parts: KafkaTaskParts;
  /** By topic: the offset behind everything that has arrived, control records too. */
  readonly #arrivedUpTo: Record<string, number>;
  /** Topics of which something has arrived that cannot be decoded yet. */
  readonly #held = new Set<string>();
  #committedOffsets: Readonly<Record<string, number>>;
  #processed = 0;
  #punctuated = false;
  #commitStartedAtMs = performance.now();
  #committing: Promise<void> | undefined;
  #abandoned = false;

  constructor(parts: KafkaTaskParts) {
    this.#parts = parts;
    this.#arrivedUpTo = { ...parts.progress.nextOffsets };
    this.#committedOffsets = { ...parts.progress.nextOffsets };
    for (const topic of parts.task.sourceTopics)
      parts.reader.read(this.#placeOf(topic), parts.progress.nextOffsets[topic] ?? 0);
  }

  get id(): string {
    return this.#parts.task.id;
  }

  get committing(): boolean {
    return this.#committing !== undefined;
  }

  /** Is there anything that is not committed, or being committed? */
  get dirty(): boolean {
    return this.#processed > 0 || this.#punctuated || this.#parts.outbox.size > 0 || this.#hasMoved();
  }

  /** By source topic on the cluster, up to where this task's commits go. */
  committedOffsets(): readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  }[] {
    return this.#parts.task.sourceTopics.map((topic) => {
      return { ...this.#placeOf(topic), offset: this.#committedOffsets[topic] ?? 0 };
    });
  }

  /** Records that are known to lie ahead of the last commit. */
  lag(): number {
    return this.#parts.task.sourceTopics.reduce((lag, topic) => {
      const end = this.#parts.reader.endOffset(this.#placeOf(topic)) ?? 0;
      return lag + Math.max(0, end - (this.#committedOffsets[topic] ?? 0));
    }, 0);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#parts.task.counters();
  }

  store<S extends StateStore>(builder: StoreBuilder<S>): S | undefined {
    return this.#parts.task.store(builder);
  }

  /**
   * Takes what has arrived, and processes up to `maxRecords`; returns how many.
   * @throws {KafkaOffsetError | ProcessingError}
   */
  step(maxRecords: number): number {
    const { task, limits } = this.#parts;
    if (this.#abandoned || this.#processed >= limits.maxCommitRecords) return 0;
    for (const topic of task.sourceTopics) if (task.bufferedOf(topic) < MIN_BUFFERED) this.#take(topic);
    if (!this.#isReady()) return 0;
    const processed = task.process(maxRecords);
    this.#processed += processed;
    return processed;
  }

  advanceWallClock(nowMs: number): void {
    if (!this.#abandoned && this.#parts.task.advanceWallClock(nowMs)) this.#punctuated = true;
  }

  /** In so many milliseconds a commit is due; 0 or less: now; undefined: there is nothing to commit. */
  commitDueInMs(nowMs: number): number | undefined {
    if (this.#abandoned || this.committing || !this.dirty) return undefined;
    const { limits, outbox } = this.#parts;
    const atOnce = outbox.urgent || this.#processed >= limits.maxCommitRecords || this.#hasDrained();
    return atOnce ? 0 : this.#commitStartedAtMs + limits.commitIntervalMs - nowMs;
  }

  /**
   * Commits what there is; when one commit is under way already, after it. Resolves to how many records were processed
   * for it, undefined where there was nothing to commit. Rejects when the task has to be abandoned.
   */
  async commit(): Promise<number | undefined> {
    while (this.#committing !== undefined) await this.#committing;
    if (this.#abandoned || !this.dirty) return undefined;
    const processed = this.#processed;
    this.#committing = this.#commit();
    try {
      await this.#committing;
      return processed;
    } finally {
      this.#committing = undefined;
      this.#parts.wake();
    }
  }

  /** Lets go without committing. Nothing may be asked of the task afterwards. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    for (const topic of this.#parts.task.sourceTopics) this.#parts.reader.stop(this.#placeOf(topic));
    await this.#committing?.catch(() => undefined);
    await this.#parts.producer.close();
    await this.#parts.state.close();
  }

  async #commit(): Promise<void> {
    const { task, outbox, producer, member, state, onStep } = this.#parts;
    this.#commitStartedAtMs = performance.now();
    const progress = task.flush();
    const positions = this.#positions();
    const [outputs, changes] = [outbox.drain(), this.#seal(progress.streamTimeMs)];
    this.#processed = 0;
    this.#punctuated = false;
    const written = await this.#send(outputs, changes);
    onStep('sent');
    await producer.commit(this.#offsetsOf(positions, progress), member.metadata());
    onStep('committed');
    if (!this.#abandoned) {
      state.save(this.#checkpoint(written, positions), () => {
        for (const buffer of this.#parts.buffers.values()) buffer.apply();
      });
    }
    this.#committedOffsets = positions;
    onStep('applied');
  }

  /**
   * Without a transaction the outputs go first: a changelog that says that an event was seen, beside outputs that never
   * left, would make the repetition drop them.
   */
  async #send(
    outputs: readonly PlacedRecord[],
    changes: readonly PlacedRecord[],
  ): Promise<readonly WrittenRange[]> {
    const { producer, guarantee } = this.#parts;
    if (guarantee === 'exactly-once') {
      const records = [...outputs, ...changes];
      return records.length === 0 ? [] : producer.send(records);
    }
    if (outputs.length > 0) await producer.send(outputs);
    return changes.length === 0 ? [] : producer.send(changes);
  }

  /** Ends the transaction of every store; the changes of those that have one go to their changelog. */
  #seal(streamTimeMs: number): PlacedRecord[] {
    const { buffers, logged, names, task } = this.#parts;
    const records: PlacedRecord[] = [];
    for (const [name, buffer] of buffers) {
      buffer.seal();
      if (!logged.has(name)) continue;
      const place = { topic: names.changelogOf(name), partition: task.partition };
      const timestamp = Math.max(0, streamTimeMs);
      for (const change of buffer.sealed()) records.push(changelogRecord(place, timestamp, change));
    }
    return records;
  }

  #checkpoint(written: readonly WrittenRange[], positions: Readonly<Record<string, number>>) {
    const { state, logged, names, task, buffers } = this.#parts;
    const ends = new Map(
      written.map(({ topic, partition, endOffset }) => [`${topic} ${partition}`, endOffset]),
    );
    const changelogs = { ...state.checkpoint.changelogs };
    for (const store of logged) {
      const end = ends.get(`${names.changelogOf(store)} ${task.partition}`);
      if (end !== undefined) changelogs[store] = end;
    }
    const rebuilt = logged.size < buffers.size;
    return { changelogs, inputs: rebuilt ? positions : {} };
  }

  /** The metadata goes with the first topic: it is the task's, not a partition's. */
  #offsetsOf(positions: Readonly<Record<string, number>>, progress: TaskProgress): CommittedOffset[] {
    const notes = encodeNotes(progress, this.id);
    return this.#parts.task.sourceTopics.map((topic, i) => {
      return { ...this.#placeOf(topic), offset: positions[topic] ?? 0, metadata: i === 0 ? notes : '' };
    });
  }

  /** By topic the offset to go on from: behind control records too, where nothing waits before them. */
  #positions(): Record<string, number> {
    const { task } = this.#parts;
    return Object.fromEntries(
      task.sourceTopics.map((topic) => {
        const waiting = task.bufferedOf(topic) > 0;
        return [topic, waiting ? task.nextOffset(topic) : (this.#arrivedUpTo[topic] ?? 0)];
      }),
    );
  }

  #hasMoved(): boolean {
    return Object.entries(this.#positions()).some(
      ([topic, offset]) => offset > (this.#committedOffsets[topic] ?? 0),
    );
  }

  #take(topic: string): void {
    if (this.#held.has(topic)) return;
    const arrival = this.#parts.reader.take(this.#placeOf(topic));
    if (arrival === undefined) return;
    if (arrival.type === 'out-of-range') throw this.#outOfRange(topic, arrival);
    const ready = this.#parts.beforeDecode?.(arrival.records);
    if (ready === undefined) return this.#add(topic, arrival);
    this.#held.add(topic);
    void ready.then(() => {
      this.#held.delete(topic);
      if (!this.#abandoned) this.#add(topic, arrival);
      this.#parts.wake();
    });
  }

  #add(topic: string, { records, nextOffset }: Arrival & { type: 'records' }): void {
    this.#parts.task.addRecords(topic, inDeclaredTopic(records, topic));
    this.#arrivedUpTo[topic] = nextOffset;
  }

  /**
   * With several sources the oldest record goes first, so each must have one, or be known to have none (KIP-695).
   */
  #isReady(): boolean {
    const { task } = this.#parts;
    if (task.buffered === 0) return false;
    const topics = task.sourceTopics;
    return topics.length === 1 || topics.every((topic) => task.bufferedOf(topic) > 0 || this.#isAtEnd(topic));
  }

  #hasDrained(): boolean {
    const { task } = this.#parts;
    if (this.#processed === 0 && !this.#punctuated) return false;
    return task.buffered === 0 && task.sourceTopics.every((topic) => this.#isAtEnd(topic));
  }

  #isAtEnd(topic: string): boolean {
    const end = this.#parts.reader.endOffset(this.#placeOf(topic));
    return end !== undefined && (this.#arrivedUpTo[topic] ?? 0) >= end && !this.#held.has(topic);
  }

  #outOfRange(topic: string, { startOffset, endOffset }: Arrival & { type: 'out-of-range' }): Error {
    const { topic: name, partition } = this.#placeOf(topic);
    const next = this.#arrivedUpTo[topic] ?? 0;
    return new KafkaOffsetError(
      `task ${this.id} would go on at ${name}[${partition}]@${next}, but the topic holds ${startOffset} to ${endOffset}: ` +
        (next < startOffset ? 'retention has deleted what lies between' : 'it has been made anew'),
    );
  }

  #placeOf(topic: string): { readonly topic: string; readonly partition: number } {
    return { topic: this.#parts.names.onCluster(topic), partition: this.#parts.task.partition };
  }
}

function changelogRecord(
  place: { readonly topic: string; readonly partition: number },
  timestamp: number,
  { key, value }: Change,
): PlacedRecord {
  return { ...place, timestamp, key, value, headers: [] };
}
