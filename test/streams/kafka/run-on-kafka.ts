import { NO_HEADERS, partitionForKey } from '@incident-streams/streams';
import type { LogRecord } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { KafkaCluster, KafkaRuntimeOptions, PlacedRecord } from '@incident-streams/streams/kafka';
import { topicsOf } from '../../../streams/graph/topology.ts';
import { StretchReader } from '../../../streams/runtime/kafka/stretch-reader.ts';
import { TopicNames } from '../../../streams/runtime/kafka/topic-names.ts';
import { uniqueName } from '../../services/describe-with.ts';
import type { Outcome } from '../outcome.ts';
import { showRecord } from '../show-record.ts';
import type { DeclaredCase, InputRecord, StreamCase } from '../stream-case.ts';

type Runnable = Pick<StreamCase, 'declare' | 'input' | 'partitions'>;

export interface KafkaRun {
  readonly options?: Partial<KafkaRuntimeOptions>;
  /** The input in portions; after each all is processed and the runtime closed and opened again. Default: one. */
  readonly portions?: readonly (readonly InputRecord[])[];
}

/** The cases live in 1970 and in the far future. */
const ANY_TIME = { 'retention.ms': '-1', 'message.timestamp.after.max.ms': '9223372036854775807' };

/** Runs a case on the broker, with topics and a group of its own. */
export async function runOnKafka(
  cluster: KafkaCluster,
  { declare, input, partitions = 1 }: Runnable,
  { options = {}, portions = [input] }: KafkaRun = {},
): Promise<Outcome> {
  const applicationId = uniqueName('case');
  const topicPrefix = `${applicationId}.`;
  const open = async (): Promise<{ declared: DeclaredCase; runtime: KafkaRuntime }> => {
    const declared = declare();
    const topics = Object.fromEntries(
      topicsOf(declared.topology).map((topic) => [topic, { partitions, configs: ANY_TIME }]),
    );
    const runtime = new KafkaRuntime({
      topology: declared.topology,
      cluster,
      applicationId,
      topicPrefix,
      topics,
      ...options,
    });
    await runtime.start();
    return { declared, runtime };
  };
  const producer = await cluster.producer();
  let { declared, runtime } = await open();
  try {
    for (const [i, portion] of portions.entries()) {
      if (i > 0) {
        await runtime.close();
        ({ declared, runtime } = await open());
      }
      await producer.send(
        portion.map((record) => place(record, { topic: `${topicPrefix}${record.topic}`, partitions })),
      );
      await runtime.whenProcessed();
    }
    const names = new TopicNames(declared.topology, { applicationId, topicPrefix });
    return await outcomeOf(cluster, { declared, runtime, names, partitions });
  } finally {
    await runtime.close();
    await producer.close();
  }
}

function place(
  record: InputRecord,
  { topic, partitions }: { topic: string; partitions: number },
): PlacedRecord {
  const { key, value, timestamp, headers = NO_HEADERS } = record;
  const partition = record.partition ?? (key === null ? 0 : partitionForKey(key, partitions));
  return { topic, partition, key, value, timestamp, headers };
}

async function outcomeOf(
  cluster: KafkaCluster,
  {
    declared,
    runtime,
    names,
    partitions,
  }: { declared: DeclaredCase; runtime: KafkaRuntime; names: TopicNames; partitions: number },
): Promise<Outcome> {
  const topics: Record<string, string[]> = {};
  for (const topic of topicsOf(declared.topology)) {
    topics[topic] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const records = await readAll(cluster, { topic: names.onCluster(topic), partition });
      topics[topic].push(...records.map(showRecord));
    }
  }
  const stores = (declared.stores ?? []).map(({ name, dump }) => [
    name,
    dump((store) => runtime.stores(store)),
  ]);
  return { topics, counters: runtime.counters(), stores: Object.fromEntries(stores) as Outcome['stores'] };
}

/** Every committed record of a partition. */
export async function readAll(
  cluster: KafkaCluster,
  at: { readonly topic: string; readonly partition: number },
): Promise<LogRecord[]> {
  const reader = new StretchReader(cluster);
  const { start, highWatermark: end } = await cluster.admin.offsetRange(at);
  const records: LogRecord[] = [];
  for await (const part of reader.read(at, { from: start, to: end }, new AbortController().signal))
    records.push(...part.records);
  await reader.close();
  return records;
}
