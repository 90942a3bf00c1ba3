import { Admin } from '@platformatic/kafka';
import type { SinkEvent } from '@incident-streams/streams/kafka';
import { expect, it } from 'vitest';
import { epochOf } from '../../../../streams/runtime/kafka/sinks/topic-epochs.ts';
import { describeWith } from '../../../services/describe-with.ts';
import { eventually } from '../../eventually.ts';
import { RecordingSink } from '../../sinks/recording-sink.ts';
import { offsetsUpTo, recordsFor } from '../../sinks/sink-cases.ts';
import { textRecord } from '../../stream-case.ts';
import { KafkaSinkPlace } from './kafka-sink-place.ts';

async function withAdmin(brokers: string, use: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = new Admin({ bootstrapBrokers: [brokers], clientId: 'sink-test' });
  try {
    await use(admin);
  } finally {
    await admin.close();
  }
}

function deleteTopic(brokers: string, topic: string): Promise<void> {
  return withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] }));
}

await describeWith(['kafka'], 'the topic of a sink', ({ kafka }) => {
  it('may come after the sink: it waits and says so', async () => {
    await using place = KafkaSinkPlace.withoutTopic(kafka, 1);
    const sink = new RecordingSink();
    await place.run(sink, async (sinks) => {
      await eventually(() => expect(sinks.status()[0]?.failure).toContain('does not exist'));
      await place.createTopic();
      await place.produce(recordsFor(1, 3));
      await sinks.whenCaughtUp();
      expect(sinks.status()).toMatchObject([{ lag: 0, failure: undefined }]);
    });
    expect(sink.offsetsOf(0)).toEqual([0, 1, 2]);
  });

  it('made anew under the same name is read from the beginning, under a larger epoch', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const [first, second] = [new RecordingSink(), new RecordingSink()];
    await place.produce(recordsFor(1, 8));
    await place.run(first, (sinks) => sinks.whenCaughtUp());
    await deleteTopic(kafka, place.topic);
    await place.createTopic();
    await place.produce(recordsFor(1, 12));
    await place.run(second, (sinks) => sinks.whenCaughtUp(), { now: () => 1 });
    expect(second.source?.topicEpoch).toBeGreaterThan(first.source?.topicEpoch ?? Infinity);
    expect(second.offsetsOf(0)).toEqual(offsetsUpTo(12));
  });

  it('made anew while it is read is not taken for the old one', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const sink = new RecordingSink();
    await place.produce(recordsFor(1, 8));
    await place.run(sink, async (sinks) => {
      await sinks.whenCaughtUp();
      await deleteTopic(kafka, place.topic);
      await place.createTopic();
      await place.produce(recordsFor(1, 20));
      await eventually(() => expect(sinks.status()[0]?.failure).toContain('it was made anew'));
    });
    expect(sink.offsetsOf(0)).toEqual(offsetsUpTo(8));
  });

  it('has one epoch for all who see it first at the same time', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const facts = (await place.cluster.admin.describeTopics([place.topic])).get(place.topic);
    if (facts === undefined) throw new Error('no topic');
    let time = 1_000;
    const until = new AbortController().signal;
    const options = { cluster: place.cluster, applicationId: place.applicationId, now: () => time++, until };
    const epochs = await Promise.all([1, 2, 3, 4].map(() => epochOf(facts, options)));
    expect(new Set(epochs).size).toBe(1);
    expect(await epochOf(facts, options)).toBe(epochs[0]);
    expect(await epochOf({ ...facts, id: 'of a later one' }, { ...options, now: () => 5 })).toBe(
      (epochs[0] ?? 0) + 1,
    );
  });

  it('keeps its epoch when the group has lost its offsets: all comes again, and can be told from what is new', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const [first, second] = [new RecordingSink(), new RecordingSink()];
    await place.produce(recordsFor(1, 5));
    await place.run(first, (sinks) => sinks.whenCaughtUp());
    const groups = [`${place.applicationId}-sink-sink`];
    await withAdmin(kafka, (admin) => admin.deleteGroups({ groups }));
    await place.run(second, (sinks) => sinks.whenCaughtUp());
    expect(second.source?.topicEpoch).toBe(first.source?.topicEpoch);
    expect(second.offsetsOf(0)).toEqual(offsetsUpTo(5));
  });

  it('whose retention was shorter than the absence of the sink: what is left comes, and what is gone is told', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const sink = new RecordingSink();
    await place.produce(recordsFor(1, 5));
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    await place.produce(recordsFor(1, 10));
    await place.cluster.admin.deleteRecords({ topic: place.topic, partition: 0 }, 9);
    const events: SinkEvent[] = [];
    await place.run(
      sink,
      async (sinks) => {
        await sinks.whenCaughtUp();
        const deleted = [{ partition: 0, fromOffset: 5, toOffset: 9 }];
        expect(sinks.status()).toMatchObject([{ lag: 0, failure: undefined, deleted }]);
      },
      { onEvent: (event) => events.push(event) },
    );
    expect(sink.calls).toContain('live 0: 9-14 (6)');
    expect(events).toContainEqual({
      type: 'sink-records-deleted',
      connector: 'sink',
      partition: 0,
      fromOffset: 5,
      toOffset: 9,
    });
  });

  it('of which a restore needs what is deleted: it restores from what is left, and tells', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const sink = new RecordingSink();
    await place.produce(recordsFor(1, 10));
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    await place.cluster.admin.deleteRecords({ topic: place.topic, partition: 0 }, 6);
    sink.calls.length = 0;
    sink.marks.clear();
    sink.unmarked = -1;
    await place.run(sink, async (sinks) => {
      await sinks.whenCaughtUp();
      const deleted = [{ partition: 0, fromOffset: 0, toOffset: 6 }];
      expect(sinks.status()).toMatchObject([{ lag: 0, failure: undefined, deleted }]);
    });
    expect(sink.calls).toEqual(['open', 'restore 0: 6-9 (4)', 'close']);
  });

  it('is read without what was never committed, up to its very end', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const sink = new RecordingSink();
    const { topic, cluster, applicationId } = place;
    const records = (value: string, on = topic) => [{ ...textRecord(on, 'k', value, 1), partition: 0 }];
    const options = { transactionalId: applicationId, transactionTimeoutMs: 10_000 };
    await place.run(sink, async (sinks) => {
      for (let round = 0; round < 3; round++) {
        const aborting = await cluster.transactionalProducer(options);
        await aborting.send(records('aborted'));
        await aborting.close();
        await place.produce(records(`${round}`, 'out'));
      }
      const aborting = await cluster.transactionalProducer(options);
      await aborting.send(records('aborted'));
      await aborting.close();
      await sinks.whenCaughtUp();
      expect(sinks.status()).toMatchObject([{ lag: 0 }]);
    });
    expect(sink.batches.flatMap((batch) => batch.records.map(({ value }) => value))).toEqual(['0', '1', '2']);
    const member = place.cluster.groupMember({
      groupId: `${applicationId}-sink-sink`,
      topics: [topic],
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      heartbeatIntervalMs: 1_000,
      assign: () => Promise.resolve([]),
      onRebalance: () => undefined,
    });
    const [committed] = await member.committed([{ topic, partition: 0 }]);
    await member.leave();
    const { end } = await cluster.admin.offsetRange({ topic, partition: 0 });
    expect(committed?.offset).toBe(end);
  });
});
