import { renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StreamsBuilder, doubleSerde, stringSerde } from '@incident-streams/streams';
import type { KeyValueStore, StoreRecovery, Topology } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { KafkaCluster, RuntimeEvent } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../../services/describe-with.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { readAll } from './run-on-kafka.ts';

const WITHIN_MS = 60_000;
/** Today, since topics keep a week by default. */
const START_MS = Date.now() - 600_000;

interface Declared {
  readonly topology: Topology;
  readonly counts: () => readonly (readonly [string, number])[];
}

/** The first sighting of each id, counted by key. */
function declare(recovery: StoreRecovery, runtime: () => KafkaRuntime): Declared {
  const builder = new StreamsBuilder();
  const table = builder
    .stream('in', { key: stringSerde, value: stringSerde })
    .dedupe({ id: (_key, id) => id, withinMs: WITHIN_MS, recovery, name: 'first' })
    .groupByKey({ key: stringSerde, value: stringSerde })
    .count({ name: 'counts' });
  table.toStream().to('out', { key: stringSerde, value: doubleSerde });
  return {
    topology: builder.build(),
    counts: () =>
      runtime()
        .stores(table.store)
        .flatMap((store: KeyValueStore<string, number>) => [...store.entries()]),
  };
}

await describeWith(['kafka'], 'the restoration of stores from Kafka', ({ kafka }) => {
  let cluster: KafkaCluster;
  beforeAll(() => {
    cluster = connectKafka({ brokers: kafka.split(','), clientId: 'restore' });
  });
  afterAll(() => cluster.close());

  /** Runs a life of the application with new input; returns what it ended with and what happened. */
  async function live(
    application: { readonly id: string; readonly recovery: StoreRecovery; readonly directory?: string },
    ids: readonly string[],
  ): Promise<{ counts: Record<string, number>; duplicates: number; events: RuntimeEvent[] }> {
    const events: RuntimeEvent[] = [];
    const declared = declare(application.recovery, () => runtime);
    const runtime: KafkaRuntime = new KafkaRuntime({
      topology: declared.topology,
      cluster,
      applicationId: application.id,
      topicPrefix: `${application.id}.`,
      topics: { in: { partitions: 1 }, out: { partitions: 1 } },
      onEvent: (event) => events.push(event),
      ...(application.directory === undefined ? {} : { stateDirectory: application.directory }),
    });
    await runtime.start();
    const producer = await cluster.producer();
    await producer.send(
      ids.map((id) => ({
        topic: `${application.id}.in`,
        partition: 0,
        key: Buffer.from(id.slice(0, 1)),
        value: Buffer.from(id),
        timestamp: START_MS,
        headers: [],
      })),
    );
    await producer.close();
    await runtime.whenProcessed();
    const counts = Object.fromEntries(declared.counts());
    const duplicates = runtime.counters()['0_0']?.['duplicate'] ?? 0;
    await runtime.close();
    return { counts, duplicates, events };
  }

  const openedAs = (events: readonly RuntimeEvent[]) =>
    events.flatMap((event) => (event.type === 'task-opened' ? [event.state] : []));
  const restoredRecords = (events: readonly RuntimeEvent[]) =>
    Object.fromEntries(
      events.flatMap((event) => (event.type === 'restored' ? [[event.store, event.records]] : [])),
    );

  for (const recovery of ['changelog', 'input'] as const) {
    it(`finds every id and every count again, without any local state (ids from the ${recovery})`, async () => {
      const application = { id: uniqueName('restore'), recovery };
      const first = await live(application, ['a1', 'a2', 'b1', 'a1']);
      expect(first.counts).toEqual({ a: 2, b: 1 });
      const second = await live(application, ['a1', 'b1', 'c1', 'a3']);
      expect(second.counts).toEqual({ a: 3, b: 1, c: 1 });
      expect(second.duplicates).toBe(3);
      expect(restoredRecords(second.events)).toEqual({
        'first-seen': recovery === 'input' ? 4 : 3,
        counts: 2,
      });
    });

    it(`reads only what is missing where the local state is there (ids from the ${recovery})`, async () => {
      using directory = temporaryDirectory();
      const application = { id: uniqueName('restore'), recovery, directory: directory.path };
      await live(application, ['a1', 'a2']);
      const second = await live(application, ['a1', 'a3']);
      expect(openedAs(second.events)).toEqual(['reused']);
      expect(restoredRecords(second.events)).toEqual({});
      expect(second.counts).toEqual({ a: 3 });
      expect(second.duplicates).toBe(1);
    });

    it(`rebuilds a local state that was truncated (ids from the ${recovery})`, async () => {
      using directory = temporaryDirectory();
      const application = { id: uniqueName('restore'), recovery, directory: directory.path };
      await live(application, ['a1', 'a2']);
      const file = join(directory.path, application.id, '0_0', 'state.lmdb');
      truncateSync(file, Math.floor(statSync(file).size / 2));
      const second = await live(application, ['a1', 'a3']);
      expect(openedAs(second.events)).toEqual(['rebuilt']);
      expect(second.counts).toEqual({ a: 3 });
      expect(second.duplicates).toBe(1);
    });
  }

  it('writes no changelog for ids that are rebuilt from the input', async () => {
    const application = { id: uniqueName('restore'), recovery: 'input' as const };
    await live(application, ['a1', 'a2']);
    const topics = [`${application.id}-first-seen-changelog`, `${application.id}-counts-changelog`];
    const found = await cluster.admin.describeTopics(topics);
    expect([...found.keys()]).toEqual([`${application.id}-counts-changelog`]);
    const changes = await readAll(cluster, { topic: `${application.id}-counts-changelog`, partition: 0 });
    expect(changes.map(({ key }) => Buffer.from(key ?? []).toString())).toEqual(['a']);
  });

  it('forgets a local state that is ahead of topics which were made anew', async () => {
    using directory = temporaryDirectory();
    const application = {
      id: uniqueName('restore'),
      recovery: 'changelog' as const,
      directory: directory.path,
    };
    await live(application, ['a1', 'a2', 'b1', 'c1']);
    // The same folder under another application, whose changelogs are shorter than the checkpoint says.
    const other = { ...application, id: uniqueName('restore') };
    renameSync(join(directory.path, application.id), join(directory.path, other.id));
    const { counts, events } = await live(other, ['a1']);
    expect(counts).toEqual({ a: 1 });
    expect(events.find((event) => event.type === 'state-discarded')).toMatchObject({
      reason: 'it does not fit the topics as they are',
    });
  });
});
