import { outputsOf, sourcesOf } from '@incident-streams/streams';
import type { Topology } from '@incident-streams/streams';
import { TOPICS } from '../../topology/topics.ts';

/** A part of the pipeline that may run under a user of its own. */
export type PermissionRole = 'topology' | 'sinks' | 'api';

/** As Kafka names them; `Read` and `Write` include `Describe`. */
export type KafkaOperation = 'Read' | 'Write' | 'Create' | 'Delete' | 'Describe' | 'DescribeConfigs';

/** One thing that a role needs: an entry or more of an access control list. */
export interface KafkaPermission {
  readonly resource: 'topic' | 'group' | 'transactional-id';
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operations: readonly KafkaOperation[];
}

export interface PermissionOptions {
  readonly topology: Topology;
  readonly applicationId: string;
  readonly topicPrefix: string;
}

/**
 * The least that a role needs of Kafka, topics that are missing being created by it. It follows from the topology, so
 * that a new topic is not forgotten. Names of the application's own topics, groups and transactions begin
 * with its id: no two applications' ids should begin with one another.
 */
export function kafkaPermissionsOf(role: PermissionRole, options: PermissionOptions): KafkaPermission[] {
  switch (role) {
    case 'topology':
      return topologyPermissions(options);
    case 'sinks':
      return sinkPermissions(options);
    case 'api':
      return apiPermissions(options);
  }
}

function topologyPermissions(options: PermissionOptions): KafkaPermission[] {
  const { topology, applicationId } = options;
  const { repartitionTopics, deadLetterTopic } = topology;
  const isNoneOfItsOwn = (topic: string): boolean => !repartitionTopics.has(topic);
  const read = topology.subTopologies.flatMap(sourcesOf).map(({ topic }) => topic);
  const written = topology.subTopologies.flatMap(outputsOf).map(({ topic }) => topic);
  if (deadLetterTopic !== undefined) written.push(deadLetterTopic);
  return [
    ...ofTopics(options, {
      read: read.filter(isNoneOfItsOwn),
      // The ticks go there.
      written: [...written.filter(isNoneOfItsOwn), TOPICS.inbox],
    }),
    own('topic', applicationId, ['Read', 'Write', 'Create', 'Delete', 'DescribeConfigs']),
    { resource: 'group', name: applicationId, pattern: 'literal', operations: ['Read'] },
    own('transactional-id', applicationId, ['Write']),
  ];
}

function sinkPermissions(options: PermissionOptions): KafkaPermission[] {
  const { topology, applicationId } = options;
  const { sinks, deadLetterTopic } = topology;
  const read = sinks.flatMap(({ topic, snapshot }) =>
    snapshot === undefined ? [topic] : [topic, snapshot.topic],
  );
  return [
    ...ofTopics(options, { read, written: deadLetterTopic === undefined ? [] : [deadLetterTopic] }),
    {
      resource: 'topic',
      name: `${applicationId}-sink-topics`,
      pattern: 'literal',
      operations: ['Read', 'Write', 'Create', 'DescribeConfigs'],
    },
    own('group', `${applicationId}-sink`, ['Read']),
  ];
}

/** The ledger is kept with the offsets that the topology's group commits. */
function apiPermissions(options: PermissionOptions): KafkaPermission[] {
  return [
    ...ofTopics(options, { read: [TOPICS.transitions], written: [TOPICS.inbox] }),
    { resource: 'group', name: options.applicationId, pattern: 'literal', operations: ['Describe'] },
  ];
}

/** Every role looks whether the pipeline's topics are as they should be, and creates what is missing. */
function ofTopics(
  { topicPrefix }: PermissionOptions,
  { read, written }: { readonly read: readonly string[]; readonly written: readonly string[] },
): KafkaPermission[] {
  return Object.values(TOPICS).map((topic) => ({
    resource: 'topic',
    name: topicPrefix + topic,
    pattern: 'literal',
    operations: [
      ...(read.includes(topic) ? (['Read'] as const) : []),
      ...(written.includes(topic) ? (['Write'] as const) : []),
      'Describe',
      'DescribeConfigs',
      'Create',
    ],
  }));
}

function own(
  resource: KafkaPermission['resource'],
  applicationId: string,
  operations: readonly KafkaOperation[],
): KafkaPermission {
  return { resource, name: `${applicationId}-`, pattern: 'prefixed', operations };
}
