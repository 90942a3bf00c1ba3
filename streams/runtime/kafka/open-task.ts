import { TopologyError } from '../../errors.ts';
import { sourcesOf } from '../../graph/topology.ts';
import type { PlannedTask } from '../task/plan-tasks.ts';
import { NO_PROGRESS } from '../task/ports.ts';
import type { TaskProgress } from '../task/ports.ts';
import { StreamTask } from '../task/stream-task.ts';
import { AtLeastOnceProducer } from './at-least-once-producer.ts';
import { KafkaTask } from './kafka-task.ts';
import { decodeNotes } from './offset-metadata.ts';
import type { KafkaRuntimeOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import type { GroupMember, PartitionReader, TransactionalProducer } from './ports.ts';
import { isRebuilt } from './rebuild-plan.ts';
import type { RestoreMeter } from './restore-meter.ts';
import { isUsable, restoreTask } from './restore-task.ts';
import type { RestoreOptions } from './restore-task.ts';
import type { StateDirectory, TaskState } from './state/task-state.ts';
import { TransactionBuffer } from './state/transaction-buffer.ts';
import type { StretchReader } from './stretch-reader.ts';
import { taskIdOf } from './task-id.ts';
import type { TopicNames } from './topic-names.ts';

/** What all tasks of a runtime share. */
export interface TaskSurroundings {
  readonly options: KafkaRuntimeOptions;
  readonly names: TopicNames;
  readonly partitionsOf: (topic: string) => number;
  readonly member: GroupMember;
  readonly reader: PartitionReader;
  readonly stretches: StretchReader;
  readonly states: StateDirectory;
  readonly limits: { readonly commitIntervalMs: number; readonly maxCommitRecords: number };
  readonly transactionTimeoutMs: number;
  readonly emit: NonNullable<KafkaRuntimeOptions['onEvent']>;
  readonly wake: () => void;
}

/**
 * Takes a task over: ends whatever its former owner left open, *then* reads how far it has come, *then* restores its
 * stores up to there. Resolves to undefined when the signal was given meanwhile.
 */
export async function openTask(
  planned: PlannedTask,
  around: TaskSurroundings,
  { meter, signal }: { readonly meter: RestoreMeter; readonly signal: AbortSignal },
): Promise<KafkaTask | undefined> {
  const producer = await openProducer(planned, around);
  let state: TaskState | undefined;
  try {
    const progress = await readProgress(planned, around);
    state = await openState(planned, around, { progress, meter, signal });
    if (!signal.aborted) return makeTask(planned, around, { progress, state, producer });
  } catch (error) {
    await state?.close();
    await producer.close();
    throw error;
  }
  await state.close();
  await producer.close();
  return undefined;
}

async function openProducer(planned: PlannedTask, around: TaskSurroundings): Promise<TransactionalProducer> {
  const { cluster, applicationId, guarantee } = around.options;
  if (guarantee === 'at-least-once') return new AtLeastOnceProducer(await cluster.producer(), around.member);
  const transactionalId = `${applicationId}-${planned.subTopology.id}-${planned.partition}`;
  return cluster.transactionalProducer({
    transactionalId,
    transactionTimeoutMs: around.transactionTimeoutMs,
  });
}

async function readProgress(planned: PlannedTask, around: TaskSurroundings): Promise<TaskProgress> {
  const { names, member, options } = around;
  const topics = sourcesOf(planned.subTopology).map((source) => source.topic);
  const places = topics.map((topic) => ({ topic: names.onCluster(topic), partition: planned.partition }));
  const committed = await member.committed(places);
  let notes: Omit<TaskProgress, 'nextOffsets'> = NO_PROGRESS;
  const nextOffsets: Record<string, number> = {};
  for (const [i, topic] of topics.entries()) {
    const place = places[i];
    if (place === undefined) continue;
    const known = committed.find((offset) => offset.topic === place.topic);
    nextOffsets[topic] = known?.offset ?? (await options.cluster.admin.offsetRange(place)).start;
    if (i === 0 && known !== undefined) notes = decodeNotes(known.metadata) ?? NO_PROGRESS;
  }
  return { ...notes, nextOffsets };
}

interface Restoring {
  readonly progress: TaskProgress;
  readonly meter: RestoreMeter;
  readonly signal: AbortSignal;
}

/** The stores, brought to where the progress is; what is here already is used if it can be. */
async function openState(
  planned: PlannedTask,
  around: TaskSurroundings,
  restoring: Restoring,
): Promise<TaskState> {
  const { states, emit } = around;
  const task = taskIdOf(planned);
  const storeNames = planned.subTopology.stores.map((store) => store.name);
  let discarded = false;
  const open = (): TaskState =>
    states.open(task, storeNames, (reason) => {
      discarded = true;
      emit({ type: 'state-discarded', task, reason });
    });
  let state = open();
  try {
    let options = restoreOptions(planned, around, { ...restoring, state });
    if (!(await isUsable(options))) {
      emit({ type: 'state-discarded', task, reason: 'it does not fit the topics as they are' });
      discarded = true;
      await state.close();
      states.discard(task);
      state = open();
      options = restoreOptions(planned, around, { ...restoring, state });
    }
    const reused =
      Object.keys(state.checkpoint.changelogs).length + Object.keys(state.checkpoint.inputs).length;
    await restoreTask(options);
    emit({ type: 'task-opened', task, state: discarded ? 'rebuilt' : reused > 0 ? 'reused' : 'new' });
    return state;
  } catch (error) {
    await state.close();
    throw error;
  }
}

function restoreOptions(
  { subTopology, partition }: PlannedTask,
  around: TaskSurroundings,
  restoring: Restoring & { readonly state: TaskState },
): RestoreOptions {
  const { names, stretches, options } = around;
  return {
    subTopology,
    partition,
    deadLetterTopic: options.topology.deadLetterTopic,
    names,
    admin: options.cluster.admin,
    reader: stretches,
    emit: around.emit,
    beforeDecode: options.beforeDecode,
    ...restoring,
  };
}

function makeTask(
  { subTopology, partition }: PlannedTask,
  around: TaskSurroundings,
  parts: {
    readonly progress: TaskProgress;
    readonly state: TaskState;
    readonly producer: TransactionalProducer;
  },
): KafkaTask {
  const { options, names, partitionsOf } = around;
  const outbox = new Outbox({ names, partitionsOf, isUrgent: options.isUrgent });
  const buffers = new Map(
    subTopology.stores.map(({ name }) => [name, new TransactionBuffer(name, parts.state.store(name))]),
  );
  const task = new StreamTask({
    subTopology,
    partition,
    deadLetterTopic: options.topology.deadLetterTopic,
    progress: parts.progress,
    ports: {
      send: (record) => outbox.add(record),
      openStore: (name) => {
        const buffer = buffers.get(name);
        if (buffer === undefined) throw new TopologyError(`there is no store "${name}"`);
        return buffer;
      },
    },
  });
  return new KafkaTask({
    ...parts,
    task,
    outbox,
    buffers,
    logged: new Set(subTopology.stores.filter((store) => !isRebuilt(store)).map((store) => store.name)),
    reader: around.reader,
    member: around.member,
    names,
    guarantee: options.guarantee ?? 'exactly-once',
    limits: around.limits,
    beforeDecode: options.beforeDecode,
    onStep: (step) => options.onCommitStep?.(task.id, step),
    wake: around.wake,
  });
}
