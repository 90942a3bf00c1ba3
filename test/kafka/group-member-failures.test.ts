import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { createTopic } from '../services/kafka/create-topic.ts';
import { HEARTBEAT, JOIN_GROUP, OFFSET_COMMIT, SYNC_GROUP } from './kafka-proxy.ts';
import { MemberUnderTest } from './members.ts';
import { startProxiedBroker } from './proxied-broker.ts';
import type { ProxiedBroker } from './proxied-broker.ts';

await describeWith(['kafka'], 'a member of a group on a bad network', () => {
  let broker: ProxiedBroker;
  let admin: Admin;
  let topic: string;
  let groupId: string;
  const present: MemberUnderTest[] = [];

  beforeAll(async () => {
    broker = await startProxiedBroker();
    admin = new Kafka({ brokers: [broker.url], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    topic = uniqueName('members');
    await createTopic(admin, topic, { partitions: 6 });
  }, 60_000);
  beforeEach(() => {
    groupId = uniqueName('group');
  });
  afterEach(() => Promise.all(present.splice(0).map((one) => one.leave())));
  afterAll(async () => {
    await admin.disconnect();
    await broker.stop();
  });

  const member = (name: string): MemberUnderTest => {
    const made = new MemberUnderTest(name, { brokers: broker.url, groupId, topics: [topic] });
    present.push(made);
    return made;
  };

  test.each([
    ['JoinGroup', JOIN_GROUP],
    ['SyncGroup', SYNC_GROUP],
  ])(
    'a lost answer to %s only delays the join',
    async (_name, apiKey) => {
      const a = member('a');
      broker.proxy.next(apiKey, 'lose-connection');
      await a.join();
      expect(a.now()).toBe('a: 0,1,2,3,4,5');
      const b = member('b');
      broker.proxy.next(apiKey, 'lose-connection');
      await b.join();
      await vi.waitFor(() => expect([a.now(), b.now()]).toEqual(['a+b: 0,2,4', 'a+b: 1,3,5']), {
        timeout: 50_000,
      });
    },
    60_000,
  );

  test('cut connections cost no membership, nor does a heartbeat whose answer is lost', async () => {
    const a = member('a');
    await a.join();
    const { generationId } = a.member.metadata();
    broker.proxy.cut();
    broker.proxy.next(HEARTBEAT, 'lose-connection');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(a.rebalances).toBe(0);
    await a.member.commit([{ topic, partition: 0, offset: 1, metadata: '' }]);
    expect(a.member.metadata().generationId).toBe(generationId);
  }, 60_000);

  test('a lost answer to a commit is made good by committing again', async () => {
    const a = member('a');
    await a.join();
    broker.proxy.next(OFFSET_COMMIT, 'lose-connection');
    await a.member.commit([{ topic, partition: 0, offset: 5, metadata: 'x' }]);
    expect(await a.member.committed([{ topic, partition: 0 }])).toMatchObject([{ offset: 5, metadata: 'x' }]);
  });
});
