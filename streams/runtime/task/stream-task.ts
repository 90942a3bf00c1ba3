import {
  DeserializationError,
  ProcessingError,
  StoreKeyError,
  TopologyError,
  formatPosition,
} from '../../errors.ts';
import type { ProcessorNode, SourceNode } from '../../graph/node.ts';
import { sourcesOf } from '../../graph/topology.ts';
import type { SubTopology } from '../../graph/topology.ts';
import type { ProcessorContext } from '../../processors/processor.ts';
import { deadLetterOf } from '../../records/dead-letter.ts';
import type { LogRecord } from '../../records/record.ts';
import type { RebuildNote, StateStore, StoreBuilder } from '../../state/store.ts';
import { Children, OutputRunner, ProcessorRunner, connect } from './node-runner.ts';
import type { NodeRunner } from './node-runner.ts';
import { DEAD_LETTER_COUNTER, PROCESSED_COUNTER, UNREADABLE_COUNTER } from './ports.ts';
import type { TaskPorts, TaskProgress } from './ports.ts';
import { RecordQueue } from './record-queue.ts';
import type { QueuedRecord } from './record-queue.ts';
import { StreamTime, dueEvery } from './stream-time.ts';

export interface StreamTaskOptions {
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly deadLetterTopic: string | undefined;
  readonly ports: TaskPorts;
  /** Where the task left off. */
  readonly progress: TaskProgress;
}

/**
 * One partition of one sub-topology: the one place where records meet processors and state. All runtimes drive it
 * alike: they add records, let it process some, and commit what `flush` returns together with what it sent.
 *
 * 1. Records of one source partition are processed in the order of their offsets; among several sources the one
 *    whose next record is oldest goes first.
 * 2. What the task does follows from the records and their order alone: it has no clock.
 * 3. A record that leads to a key which no store can hold is dead-lettered; what it had led to before that stays.
 * 4. If a processor throws, nothing since the last commit may be committed: drop the task and make a new one.
 */
export class StreamTask {
  readonly id: string;
  readonly partition: number;
  readonly #options: StreamTaskOptions;
  readonly #queues = new Map<string, RecordQueue>();
  readonly #sources = new Map<string, Children>();
  readonly #stores = new Map<StoreBuilder<StateStore>, StateStore>();
  readonly #time: StreamTime;
  readonly #commitCallbacks: (() => void)[] = [];
  readonly #wallClock: ((timeMs: number) => boolean)[] = [];
  readonly #nextOffsets: Record<string, number>;
  readonly #counters: Map<string, number>;
  /** The record that is being worked on, or that moved stream time on. */
  #position: LogRecord | undefined;
  /** The record that is being worked on; none in a punctuation. */
  #current: LogRecord | undefined;
  #processed: number;

  constructor(options: StreamTaskOptions) {
    this.#options = options;
    this.id = `${options.subTopology.id}_${options.partition}`;
    this.partition = options.partition;
    this.#time = new StreamTime(options.progress.streamTimeMs);
    this.#nextOffsets = { ...options.progress.nextOffsets };
    this.#counters = new Map(Object.entries(options.progress.counters));
    this.#processed = options.progress.counters[PROCESSED_COUNTER] ?? 0;
    for (const source of sourcesOf(options.subTopology))
      this.#queues.set(source.topic, new RecordQueue(source));
    for (const builder of options.subTopology.stores) {
      const context = {
        position: () => this.#current,
        rebuildNote: options.progress.rebuildNotes?.[builder.name] ?? {},
      };
      this.#stores.set(builder, builder.open(options.ports.openStore(builder.name), context));
    }
    this.#buildNodes();
  }

  /** The topics that the task reads, all of them in its own partition. */
  get sourceTopics(): readonly string[] {
    return [...this.#queues.keys()];
  }

  get streamTimeMs(): number {
    return this.#time.nowMs;
  }

  /** How many records wait in the task. */
  get buffered(): number {
    let size = 0;
    for (const queue of this.#queues.values()) size += queue.size;
    return size;
  }

  bufferedOf(topic: string): number {
    return this.#queues.get(topic)?.size ?? 0;
  }

  /** The offset of the next record to process; records before it are behind the task. */
  nextOffset(topic: string): number {
    return this.#nextOffsets[topic] ?? 0;
  }

  /** A store of the task, for queries between two steps. */
  store<S extends StateStore>(builder: StoreBuilder<S>): S | undefined {
    return this.#stores.get(builder) as S | undefined;
  }

  /**
   * Takes records of one topic in the order of their offsets. What cannot be read goes to the dead letters when its
   * turn comes.
   */
  addRecords(topic: string, records: Iterable<LogRecord>): void {
    const queue = this.#queues.get(topic);
    if (queue === undefined) throw new TopologyError(`task ${this.id} does not read the topic "${topic}"`);
    for (const raw of records) queue.push(readRecord(queue.source, raw));
  }

  /**
   * Processes up to `maxRecords` of what waits; returns how many it took. Where several topics are read it stops when
   * it has taken the last record of one: what comes next in that topic may be older than what waits in the others.
   */
  process(maxRecords: number): number {
    let taken = 0;
    while (taken < maxRecords) {
      const queue = this.#nextQueue();
      const record = queue?.take();
      if (queue === undefined || record === undefined) break;
      this.#processOne(queue.source, record);
      taken++;
      if (queue.size === 0 && this.#queues.size > 1) break;
    }
    return taken;
  }

  /** Lets wall-clock punctuations that fell due run; says whether there were any. */
  advanceWallClock(nowMs: number): boolean {
    this.#position = undefined;
    let ran = false;
    for (const callback of this.#wallClock) ran = callback(nowMs) || ran;
    return ran;
  }

  /**
   * Lets processors pass on what has waited for the commit, writes the stores' pending changes to the bytes beneath, and
   * says how far the task has come.
   */
  flush(): TaskProgress {
    this.#beforeCommit();
    for (const [builder, store] of this.#stores) this.#flushStore(builder.name, store);
    return {
      nextOffsets: { ...this.#nextOffsets },
      streamTimeMs: this.#time.nowMs,
      counters: this.counters(),
      rebuildNotes: this.#rebuildNotes(),
    };
  }

  #rebuildNotes(): Record<string, RebuildNote> {
    const notes: Record<string, RebuildNote> = {};
    for (const [{ name, recovery }, store] of this.#stores)
      if (recovery === 'input' && store.rebuildNote !== undefined) notes[name] = store.rebuildNote();
    return notes;
  }

  #beforeCommit(): void {
    try {
      for (const callback of this.#commitCallbacks) callback();
    } catch (cause) {
      const last = this.#position === undefined ? '' : ` (at ${formatPosition(this.#position)} or before)`;
      throw new ProcessingError(
        `what waited for the commit cannot be passed on: ${messageOf(cause)}${last}`,
        {
          cause,
        },
      );
    }
  }

  #flushStore(name: string, store: StateStore): void {
    try {
      store.flush();
    } catch (cause) {
      const last = this.#position === undefined ? '' : ` (at ${formatPosition(this.#position)} or before)`;
      throw new ProcessingError(`the store "${name}" cannot be written: ${messageOf(cause)}${last}`, {
        cause,
      });
    }
  }

  /** What has been counted since the task's first record. */
  counters(): Record<string, number> {
    return { ...Object.fromEntries(this.#counters), [PROCESSED_COUNTER]: this.#processed };
  }

  #processOne(source: SourceNode, record: QueuedRecord): void {
    const { raw } = record;
    this.#position = raw;
    try {
      if (record.value instanceof UnreadableRecord) this.#refuse(raw, record.value.reason);
      else this.#work(source, record);
    } catch (cause) {
      throw new ProcessingError(withPosition(cause, raw), { cause });
    } finally {
      this.#current = undefined;
    }
    this.#nextOffsets[source.topic] = raw.offset + 1;
    this.#processed++;
  }

  #work(source: SourceNode, { raw, key, value, timestamp }: QueuedRecord): void {
    this.#time.advanceTo(timestamp);
    this.#current = raw;
    try {
      this.#sources.get(source.topic)?.forward({ key, value, timestamp, headers: raw.headers });
    } catch (cause) {
      if (!(cause instanceof StoreKeyError)) throw cause;
      this.#deadLetter(cause);
    }
  }

  /** Bytes that cannot be read are the record's fault; any other failure to read them is the program's. */
  #refuse(raw: LogRecord, reason: unknown): void {
    if (!(reason instanceof DeserializationError)) throw reason;
    this.#current = raw;
    this.#deadLetter(reason);
    this.#count(UNREADABLE_COUNTER, 1);
  }

  #nextQueue(): RecordQueue | undefined {
    let next: RecordQueue | undefined;
    let oldest = Infinity;
    for (const queue of this.#queues.values()) {
      const head = queue.peek();
      if (head === undefined || (next !== undefined && head.timestamp >= oldest)) continue;
      next = queue;
      oldest = head.timestamp;
    }
    return next;
  }

  #deadLetter(reason: Error): void {
    const { deadLetterTopic, ports } = this.#options;
    if (this.#current === undefined)
      throw new ProcessingError(`nothing to dead-letter in a punctuation: ${reason.message}`, {
        cause: reason,
      });
    if (deadLetterTopic === undefined) {
      throw new ProcessingError(`${reason.message}, and the topology has no dead-letter topic`, {
        cause: reason,
      });
    }
    ports.send(deadLetterOf(deadLetterTopic, this.#current, reason));
    this.#count(DEAD_LETTER_COUNTER, 1);
  }

  #count(counter: string, by: number): void {
    this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + by);
  }

  #buildNodes(): void {
    const { nodes } = this.#options.subTopology;
    const runners = new Map<string, NodeRunner>();
    const children = new Map<string, Children>();
    const processors: [ProcessorNode, ProcessorRunner][] = [];
    for (const node of nodes) {
      children.set(node.name, new Children());
      if (node.kind === 'processor') {
        const runner = new ProcessorRunner(node);
        runners.set(node.name, runner);
        processors.push([node, runner]);
      } else if (node.kind === 'output') {
        runners.set(node.name, new OutputRunner(node, (record) => this.#options.ports.send(record)));
      } else {
        this.#sources.set(node.topic, required(children, node.name));
      }
    }
    connect(
      nodes,
      (name) => required(children, name),
      (name) => required(runners, name),
    );
    for (const [node, runner] of processors)
      runner.processor.init?.(this.#contextOf(node, required(children, node.name)));
  }

  #contextOf(node: ProcessorNode, children: Children): ProcessorContext<unknown, unknown> {
    return {
      partition: this.partition,
      forward: (record, child) => children.forward(record, child),
      store: <S extends StateStore>(builder: StoreBuilder<S>): S => {
        const store = node.stores.includes(builder) ? this.#stores.get(builder) : undefined;
        if (store === undefined)
          throw new TopologyError(
            `"${node.name}" asks for the store "${builder.name}", which it did not declare`,
          );
        return store as S;
      },
      streamTimeMs: () => this.#time.nowMs,
      onStreamTimeAdvance: (callback) => this.#time.onAdvance(callback),
      schedule: (intervalMs, type, callback) => {
        if (!Number.isSafeInteger(intervalMs) || intervalMs <= 0) {
          throw new TopologyError(
            `"${node.name}" schedules every ${intervalMs} ms: an interval is a positive whole number`,
          );
        }
        if (type === 'stream-time') this.#time.every(intervalMs, callback);
        else this.#wallClock.push(dueEvery(intervalMs, -1, callback));
      },
      onCommit: (callback) => this.#commitCallbacks.push(callback),
      position: () => this.#position,
      receivedAtMs: () => this.#current?.timestamp,
      count: (counter, by = 1) => this.#count(counter, by),
      deadLetter: (reason) => this.#deadLetter(reason),
    };
  }
}

/** Stands in a queue for a record that could not be read, until its turn comes. */
class UnreadableRecord {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

function readRecord(source: SourceNode, raw: LogRecord): QueuedRecord {
  try {
    const key = raw.key === null ? null : source.key.deserialize(raw.key);
    const value = raw.value === null ? null : source.value.deserialize(raw.value);
    const timestamp = source.timestamp({ key, value, timestamp: raw.timestamp });
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
      throw new DeserializationError(`the event time ${timestamp} is no time in milliseconds since 1970`);
    }
    return { raw, key, value, timestamp };
  } catch (cause) {
    const reason =
      cause instanceof DeserializationError
        ? new DeserializationError(withPosition(cause, raw), { cause })
        : cause;
    return { raw, key: null, value: new UnreadableRecord(reason), timestamp: raw.timestamp };
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What went wrong, and where. */
function withPosition(cause: unknown, record: LogRecord): string {
  const message = messageOf(cause);
  const position = formatPosition(record);
  return message.includes(position) ? message : `${message} (at ${position})`;
}

function required<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  if (found === undefined) throw new TopologyError(`the node "${name}" does not exist`);
  return found;
}
