import type { SubTopology } from '../../graph/topology.ts';
import { sourcesOf } from '../../graph/topology.ts';
import { StreamTask } from '../task/stream-task.ts';
import type { TaskProgress } from '../task/ports.ts';
import { inDeclaredTopic } from './declared-topic.ts';
import type { KafkaRuntimeOptions } from './options.ts';
import type { KafkaAdmin, TopicPartition } from './ports.ts';
import { isRebuilt, rebuildPlanOf } from './rebuild-plan.ts';
import type { RestoreMeter } from './restore-meter.ts';
import type { Checkpoint, TaskState } from './state/task-state.ts';
import { TransactionBuffer } from './state/transaction-buffer.ts';
import type { RuntimeEvent } from './runtime-event.ts';
import type { StretchReader } from './stretch-reader.ts';
import { taskIdOf } from './task-id.ts';
import type { TopicNames } from './topic-names.ts';

export interface RestoreOptions {
  readonly subTopology: SubTopology;
  readonly partition: number;
  readonly deadLetterTopic: string | undefined;
  readonly names: TopicNames;
  readonly admin: KafkaAdmin;
  readonly reader: StretchReader;
  readonly state: TaskState;
  /** How far the task has come, as committed. */
  readonly progress: TaskProgress;
  readonly meter: RestoreMeter;
  readonly beforeDecode: KafkaRuntimeOptions['beforeDecode'];
  readonly emit: (event: RuntimeEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Says whether the local stores can have come from the topics as they are: a changelog that ends before the local copy
 * does was made anew, one that begins behind it has lost what lies between.
 */
export async function isUsable(options: RestoreOptions): Promise<boolean> {
  const { state, admin, progress } = options;
  for (const { name } of options.subTopology.stores.filter((store) => !isRebuilt(store))) {
    const held = state.checkpoint.changelogs[name];
    if (held === undefined) continue;
    const { start, end } = await admin.offsetRange(changelogPlace(options, name));
    if (held < start || held > end) return false;
  }
  return Object.entries(state.checkpoint.inputs).every(
    ([topic, offset]) => offset <= (progress.nextOffsets[topic] ?? 0),
  );
}

/** Brings the local stores to where the committed progress is. Resolves early when the signal is given. */
export async function restoreTask(options: RestoreOptions): Promise<void> {
  for (const { name } of options.subTopology.stores.filter((store) => !isRebuilt(store)))
    await restoreFromChangelog(options, name);
  const plan = rebuildPlanOf(options.subTopology);
  if (plan !== undefined) await rebuildFromInput(options, plan);
}

async function restoreFromChangelog(options: RestoreOptions, name: string): Promise<void> {
  const { state, admin, reader, meter, signal } = options;
  const place = changelogPlace(options, name);
  const { start, end } = await admin.offsetRange(place);
  const range = { from: state.checkpoint.changelogs[name] ?? start, to: end };
  const store = state.store(name);
  meter.begin(name, range.to - range.from);
  for await (const { records, nextOffset } of reader.read(place, range, signal)) {
    await options.beforeDecode?.(records);
    state.save(withChangelog(state.checkpoint, name, nextOffset), () => {
      for (const { key, value } of records) {
        if (key === null) continue;
        if (value === null) store.delete(key);
        else store.put(key, value);
      }
    });
    meter.restored(records.length, range.to - nextOffset);
  }
  meter.end();
}

/** Lets the records that are behind the task go through the part of its topology that leads to these stores, again. */
async function rebuildFromInput(options: RestoreOptions, plan: SubTopology): Promise<void> {
  const { state, reader, names, partition, progress, meter, signal } = options;
  const buffers = new Map(
    plan.stores.map(({ name }) => [name, new TransactionBuffer(name, state.store(name))]),
  );
  const task = new StreamTask({
    subTopology: plan,
    partition,
    deadLetterTopic: options.deadLetterTopic,
    progress: { nextOffsets: {}, streamTimeMs: -1, counters: {} },
    ports: {
      send: () => undefined,
      openStore: (name) => buffers.get(name) ?? new TransactionBuffer(name, state.store(name)),
    },
  });
  for (const { topic } of sourcesOf(plan)) {
    const to = progress.nextOffsets[topic] ?? 0;
    const wanted = state.checkpoint.inputs[topic] ?? rebuildStart(progress, topic) ?? to;
    const from = await startWithin(options, topic, wanted);
    meter.begin(plan.stores.map(({ name }) => name).join(', '), to - from);
    const place = { topic: names.onCluster(topic), partition };
    for await (const { records, nextOffset } of reader.read(place, { from, to }, signal)) {
      await options.beforeDecode?.(records);
      task.addRecords(topic, inDeclaredTopic(records, topic));
      while (task.buffered > 0) task.process(records.length);
      task.flush();
      for (const buffer of buffers.values()) buffer.seal();
      state.save(withInput(state.checkpoint, topic, nextOffset), () => {
        for (const buffer of buffers.values()) buffer.apply();
      });
      meter.restored(records.length, to - nextOffset);
    }
    meter.end();
  }
}

/** Retention may have deleted what the rebuild would begin with. */
async function startWithin(options: RestoreOptions, topic: string, wantedOffset: number): Promise<number> {
  const { admin, names, partition, subTopology, emit } = options;
  const { start } = await admin.offsetRange({ topic: names.onCluster(topic), partition });
  if (wantedOffset >= start) return wantedOffset;
  const task = taskIdOf({ subTopology, partition });
  emit({ type: 'rebuild-shortened', task, topic, wantedOffset, startOffset: start });
  return start;
}

/** The first offset of whatever is still remembered. */
function rebuildStart({ rebuildNotes = {} }: TaskProgress, topic: string): number | undefined {
  const offsets = Object.values(rebuildNotes).flatMap((note) => Object.values(note[topic] ?? {}));
  return offsets.length === 0 ? undefined : Math.min(...offsets);
}

function changelogPlace({ names, partition }: RestoreOptions, store: string): TopicPartition {
  return { topic: names.changelogOf(store), partition };
}

function withChangelog(checkpoint: Checkpoint, store: string, offset: number): Checkpoint {
  return { ...checkpoint, changelogs: { ...checkpoint.changelogs, [store]: offset } };
}

function withInput(checkpoint: Checkpoint, topic: string, offset: number): Checkpoint {
  return { ...checkpoint, inputs: { ...checkpoint.inputs, [topic]: offset } };
}
