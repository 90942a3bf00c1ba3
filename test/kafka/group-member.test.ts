import { Kafka, logLevel, AssignerProtocol } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { createTopic } from '../services/kafka/create-topic.ts';
import { MemberUnderTest } from './members.ts';
import type { TestMemberOptions } from './members.ts';

await describeWith(['kafka'], 'a member of a group', ({ kafka }) => {
  let admin: Admin;
  let topic: string;
  let groupId: string;
  const present: MemberUnderTest[] = [];

  beforeAll(async () => {
    admin = new Kafka({ brokers: kafka.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  beforeEach(async () => {
    topic = uniqueName('members');
    groupId = uniqueName('group');
    await createTopic(admin, topic, { partitions: 6 });
  });
  afterEach(async () => {
    await Promise.all(present.splice(0).map((one) => one.leave()));
    await admin.deleteTopics({ topics: [topic] });
  });
  afterAll(() => admin.disconnect());

  const enter = async (name: string, options: Partial<TestMemberOptions> = {}): Promise<MemberUnderTest> => {
    const member = new MemberUnderTest(name, { brokers: kafka, groupId, topics: [topic], ...options });
    present.push(member);
    await member.join();
    return member;
  };
  const settled = (...expected: readonly (readonly [MemberUnderTest, string])[]): Promise<void> =>
    vi.waitFor(
      () => {
        for (const [member, assigned] of expected) expect(member.now()).toBe(assigned);
      },
      { timeout: 50_000, interval: 20 },
    );

  test('three share the partitions; when one leaves, two do', async () => {
    const a = await enter('a');
    expect(a.now()).toBe('a: 0,1,2,3,4,5');
    const b = await enter('b');
    const c = await enter('c');
    await settled([a, 'a+b+c: 0,3'], [b, 'a+b+c: 1,4'], [c, 'a+b+c: 2,5']);

    await b.leave();
    await settled([a, 'a+c: 0,2,4'], [c, 'a+c: 1,3,5']);
  });

  test('a rebalance is told once, however many heartbeats hear of it, and what was held may still be committed', async () => {
    const slow = await enter('a', { rejoins: false });
    const { generationId } = slow.member.metadata();
    const joining = enter('b');
    await vi.waitFor(() => expect(slow.rebalances).toBe(1), { timeout: 50_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(slow.rebalances).toBe(1);

    await slow.member.commit([{ topic, partition: 0, offset: 5, metadata: 'before I go' }]);
    await Promise.all([slow.join(), joining]);
    expect(slow.member.metadata().generationId).toBe(generationId + 1);
    const offsets = await slow.member.committed([{ topic, partition: 0 }]);
    expect(offsets).toEqual([{ topic, partition: 0, offset: 5, metadata: 'before I go' }]);
  });

  test('who is silent beyond its session loses its tasks, cannot commit, hears of it, and may come back as new', async () => {
    const a = await enter('a');
    const b = await enter('b', { heartbeatIntervalMs: 4_000, sessionTimeoutMs: 1_500, rejoins: false });
    await settled([a, 'a+b: 0,2,4'], [b, 'a+b: 1,3,5']);
    const former = b.member.metadata();
    await settled([a, 'a: 0,1,2,3,4,5']);

    await expect(b.member.commit([{ topic, partition: 1, offset: 1, metadata: '' }])).rejects.toMatchObject({
      code: 'KAFKA_FENCED',
    });
    await vi.waitFor(() => expect(b.rebalances).toBe(1), { timeout: 50_000 });
    expect(() => b.member.metadata()).toThrow(expect.objectContaining({ code: 'KAFKA_FENCED' }));

    await b.join();
    await settled([a, 'a+b: 0,2,4'], [b, 'a+b: 1,3,5']);
    expect(b.member.metadata().memberId).not.toBe(former.memberId);
  });

  test('a static member that comes back in time gets its tasks, and nobody else notices', async () => {
    const a = await enter('a', { instanceId: 'one' });
    const b = await enter('b', { instanceId: 'two', sessionTimeoutMs: 20_000 });
    await settled([a, 'a+b: 0,2,4'], [b, 'a+b: 1,3,5']);
    const [heard, { generationId }] = [a.rebalances, a.member.metadata()];

    await b.leave();
    const again = await enter('b', { instanceId: 'two', sessionTimeoutMs: 20_000 });
    expect(again.now()).toBe('a+b: 1,3,5');
    expect(again.member.metadata().generationId).toBe(generationId);
    expect(a.rebalances).toBe(heard);
  });

  test('a second process under the same instance id fences the first, for good', async () => {
    const first = await enter('a', { instanceId: 'same', rejoins: false });
    await enter('b', { instanceId: 'same' });
    await vi.waitFor(() => expect(first.rebalances).toBe(1), { timeout: 50_000 });
    await expect(first.join()).rejects.toMatchObject({ code: 'KAFKA_FENCED' });
  });

  test('other tools can read who is assigned what', async () => {
    await enter('a');
    const { groups } = await admin.describeGroups([groupId]);
    expect(groups[0]).toMatchObject({
      state: 'Stable',
      protocolType: 'consumer',
      protocol: 'incident-streams',
    });
    const { memberMetadata, memberAssignment } = groups[0]!.members[0]!;
    expect(AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics).toEqual([topic]);
    const assignment = AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment;
    expect(assignment).toEqual({ [topic]: [0, 1, 2, 3, 4, 5] });
  });

  test('a partition without a commit is left out of the committed offsets', async () => {
    const { member } = await enter('a');
    await member.commit([{ topic, partition: 2, offset: 77, metadata: '{"checkpoint":1}' }]);
    const places = [0, 1, 2].map((partition) => ({ topic, partition }));
    expect(await member.committed(places)).toEqual([
      { topic, partition: 2, offset: 77, metadata: '{"checkpoint":1}' },
    ]);
  });

  test('what the group does not allow is said at once', async () => {
    const member = new MemberUnderTest('a', {
      brokers: kafka,
      groupId,
      topics: [topic],
      sessionTimeoutMs: 10,
    });
    present.push(member);
    await expect(member.join()).rejects.toMatchObject({
      code: 'KAFKA_REFUSED',
      message: expect.stringContaining('INVALID_SESSION_TIMEOUT') as string,
    });
  });

  test('a member that leaves while it joins stops joining', async () => {
    await enter('a', { rejoins: false });
    const b = new MemberUnderTest('b', { brokers: kafka, groupId, topics: [topic] });
    const refused = expect(b.join()).rejects.toMatchObject({ code: 'KAFKA_FENCED' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await b.leave();
    await refused;
  });
});
