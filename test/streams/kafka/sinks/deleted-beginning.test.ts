import type { KafkaCluster, SinkEvent } from '@incident-streams/streams/kafka';
import { expect, it } from 'vitest';
import { describeWith } from '../../../services/describe-with.ts';
import { eventually } from '../../eventually.ts';
import { RecordingSink } from '../../sinks/recording-sink.ts';
import { RestorableSink, restorable } from '../../sinks/restorable-sink.ts';
import { recordsFor } from '../../sinks/sink-cases.ts';
import { tableOf } from '../../sinks/snapshot-cases.ts';
import { textRecord } from '../../stream-case.ts';
import { KafkaSinkPlace } from './kafka-sink-place.ts';

await describeWith(['kafka'], 'where retention has deleted the beginning of a topic', ({ kafka }) => {
  const place = (): Promise<KafkaSinkPlace> => KafkaSinkPlace.make(kafka, 1, restorable());

  /** Ten records, all taken by the sink; then the first ones are deleted. */
  async function delivered(at: KafkaSinkPlace, sink: RecordingSink, deletedBefore: number): Promise<void> {
    await at.produce([...recordsFor(1, 10), ...tableOf({ a: 'old', b: '2' }), ...tableOf({ a: 'new' })]);
    await at.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.calls.length = 0;
    await at.cluster.admin.deleteRecords({ topic: at.topic, partition: 0 }, deletedBefore);
  }

  function losses(): { events: SinkEvent[]; onEvent: (event: SinkEvent) => void } {
    const events: SinkEvent[] = [];
    const onEvent = (event: SinkEvent): void => {
      if (event.type === 'sink-records-deleted') events.push(event);
    };
    return { events, onEvent };
  }

  it('an emptied system gets the table and what is left of the topic, and nothing counts as lost', async () => {
    await using at = await place();
    const sink = new RestorableSink();
    await delivered(at, sink, 6);
    sink.forget();
    const { events, onEvent } = losses();
    await at.run(sink, (sinks) => sinks.whenCaughtUp(), { onEvent });
    expect(sink.calls).toEqual(['open', 'snapshot 0: up to 9 (a=new, b=2)', 'restore 0: 6-9 (4)', 'close']);
    expect(events).toEqual([]);
  });

  it('a system whose mark lies in the deleted part gets the table too', async () => {
    await using at = await place();
    const sink = new RestorableSink();
    await delivered(at, sink, 6);
    sink.marks.set(0, 4);
    const { events, onEvent } = losses();
    await at.run(sink, (sinks) => sinks.whenCaughtUp(), { onEvent });
    expect(sink.calls).toEqual(['open', 'snapshot 0: up to 9 (a=new, b=2)', 'restore 0: 6-9 (4)', 'close']);
    expect(events).toEqual([]);
  });

  it('a system whose mark lies right before what is left gets no table', async () => {
    await using at = await place();
    const sink = new RestorableSink();
    await delivered(at, sink, 6);
    sink.marks.set(0, 5);
    await at.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(sink.calls).toEqual(['open', 'restore 0: 6-9 (4)', 'close']);
  });

  it('an emptied system is restored once, also if nothing is left of the topic', async () => {
    await using at = await place();
    const sink = new RestorableSink();
    await delivered(at, sink, 10);
    sink.forget();
    let asked = 0;
    const appliedOffset = sink.appliedOffset.bind(sink);
    sink.appliedOffset = (partition) => {
      asked += 1;
      return appliedOffset(partition);
    };
    await at.run(
      sink,
      async (sinks) => {
        await sinks.whenCaughtUp();
        await eventually(() => expect(asked).toBeGreaterThan(5));
      },
      { markCheckMs: 10 },
    );
    expect(sink.calls).toEqual(['open', 'snapshot 0: up to 9 (a=new, b=2)', 'restore 0: 9-9 (0)', 'close']);
    expect(sink.marks.get(0)).toBe(9);
  });

  it('a new sink begins with the table, and with what is left of the topic', async () => {
    await using at = await place();
    await at.produce([...recordsFor(1, 10), ...tableOf({ a: '1' })]);
    await at.cluster.admin.deleteRecords({ topic: at.topic, partition: 0 }, 6);
    const sink = new RestorableSink();
    const { events, onEvent } = losses();
    await at.run(sink, (sinks) => sinks.whenCaughtUp(), { onEvent });
    expect(sink.calls).toEqual([
      'open',
      'snapshot 0: up to 5 (a=1)',
      'restore 0: 5-5 (0)',
      'live 0: 6-9 (4)',
      'close',
    ]);
    expect(events).toEqual([]);
  });

  it('a sink that was away for too long gets the table; what it never had is told', async () => {
    await using at = await place();
    const sink = new RestorableSink();
    await delivered(at, sink, 0);
    await at.produce(recordsFor(1, 10));
    await at.cluster.admin.deleteRecords({ topic: at.topic, partition: 0 }, 15);
    const { events, onEvent } = losses();
    await at.run(sink, (sinks) => sinks.whenCaughtUp(), { onEvent });
    expect(sink.calls).toEqual(['open', 'snapshot 0: up to 9 (a=new, b=2)', 'live 0: 15-19 (5)', 'close']);
    expect(events).toMatchObject([{ partition: 0, fromOffset: 10, toOffset: 15 }]);
  });

  it('a system that wants no table gets what is left, and what is lost is told', async () => {
    await using at = await place();
    const sink = new RecordingSink();
    await delivered(at, sink, 6);
    sink.marks.clear();
    sink.unmarked = -1;
    const { events, onEvent } = losses();
    await at.run(
      sink,
      async (sinks) => {
        await sinks.whenCaughtUp();
        expect(sinks.status()).toMatchObject([{ deleted: [{ partition: 0, fromOffset: 0, toOffset: 6 }] }]);
      },
      { onEvent },
    );
    expect(sink.offsetsOf(0).slice(10)).toEqual([6, 7, 8, 9]);
    expect(events).toMatchObject([{ fromOffset: 0, toOffset: 6 }]);
  });

  it.each([
    {
      what: 'has other partitions',
      table: { partitions: 3, configs: { 'cleanup.policy': 'compact' } },
      failure: /with 1 partitions, but its snapshot ".*table" has 3$/,
    },
    {
      what: 'forgets what is old',
      table: { partitions: 1, configs: { 'cleanup.policy': 'delete', 'retention.ms': '1000' } },
      failure: /table" of the sink "sink" has cleanup.policy=delete: it has to be compacted, or/,
    },
  ])('a table that $what is refused', async ({ table, failure }) => {
    await using at = KafkaSinkPlace.withoutTopic(kafka, 1, restorable());
    await at.cluster.admin.createTopics([
      { name: at.topic, partitions: 1, configs: {} },
      { name: at.onCluster('table'), ...table },
    ]);
    await at.run(new RestorableSink(), (sinks) =>
      eventually(() => expect(sinks.status()[0]?.failure).toMatch(failure)),
    );
  });

  it('the table is read to its very end: what is being committed there is waited for', async () => {
    await using at = await place();
    const sink = new RestorableSink();
    await at.produce([...recordsFor(1, 3), ...tableOf({ a: '1' })]);
    await at.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.forget();
    const producer = await at.cluster.transactionalProducer({
      transactionalId: at.applicationId,
      transactionTimeoutMs: 60_000,
    });
    const table = at.onCluster('table');
    await producer.send([{ ...textRecord(table, 'b', 'just now', 1), partition: 0 }]);
    const asked = Promise.withResolvers<void>();
    const { admin } = at.cluster;
    const cluster: KafkaCluster = {
      ...at.cluster,
      producer: () => at.cluster.producer(),
      groupMember: (options) => at.cluster.groupMember(options),
      reader: (options) => at.cluster.reader(options),
      admin: {
        createTopics: (topics) => admin.createTopics(topics),
        deleteRecords: (topic, before) => admin.deleteRecords(topic, before),
        describeTopics: (names) => admin.describeTopics(names),
        offsetRange: async (of) => {
          const range = await admin.offsetRange(of);
          if (of.topic === table) asked.resolve();
          return range;
        },
      },
    };
    await at.run(
      sink,
      async (sinks) => {
        await asked.promise;
        await producer.commit([], { groupId: '', memberId: '', generationId: -1, instanceId: null });
        await sinks.whenCaughtUp();
      },
      { cluster },
    );
    await producer.close();
    expect(sink.calls[1]).toBe('snapshot 0: up to 2 (a=1, b=just now)');
  });
});
