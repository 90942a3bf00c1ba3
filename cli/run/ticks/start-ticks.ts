import { Counter } from 'prom-client';
import type { KafkaRuntime } from '@incident-streams/streams/kafka';
import { TOPICS } from '../../../topology/topics.ts';
import { openInbox } from '../inbox-writer.ts';
import type { ProcessParts } from '../process-parts.ts';
import { startInboxTicker } from './inbox-ticker.ts';
import { RoutedUpTo } from './routed-up-to.ts';

/** Wires the ticker of this process's tasks. Returns how to stop it. */
export async function startTicks(parts: ProcessParts, runtime: KafkaRuntime): Promise<() => Promise<void>> {
  const { config, declared, ruleSet, cluster, log } = parts;
  const ticks = new Counter({
    name: 'incidents_ticks_total',
    help: 'Ticks written to the inbox.',
    registers: [parts.metrics],
  });
  const inbox = await openInbox(parts);
  const member = offsetsOf(parts);
  const topic = config.topics.prefix + TOPICS.events;
  const count = parts.partitions[TOPICS.events] ?? 0;
  const stop = startInboxTicker({
    stores: declared.stores,
    limits: ruleSet.limits,
    openStores: (builder) => runtime.stores(builder),
    ownPartitions: () => inboxPartitions(parts, runtime),
    inbox,
    routed: new RoutedUpTo({
      places: Array.from({ length: count }, (_, partition) => ({ topic, partition })),
      admin: cluster.admin,
      committed: (places) => member.committed(places),
      now: Date.now,
    }),
    intervalMs: config.ticks.intervalMs,
    now: Date.now,
    log,
    onTick: (written) => ticks.inc(written),
  });
  return async () => {
    // What it waits for may be a broker that is away.
    await Promise.all([stop(), inbox.close(), member.leave()]);
  };
}

/** Reads what the topology's group has committed, without being a member of it. */
function offsetsOf({ cluster, config }: ProcessParts) {
  return cluster.groupMember({
    groupId: config.applicationId,
    topics: [],
    sessionTimeoutMs: config.processing.sessionTimeoutMs,
    rebalanceTimeoutMs: config.processing.rebalanceTimeoutMs,
    heartbeatIntervalMs: config.processing.sessionTimeoutMs,
    assign: () => Promise.resolve([]),
    onRebalance: () => undefined,
  });
}

/** Those whose tasks run here: a task's id is `<sub-topology>_<partition>`. */
function inboxPartitions({ declared }: ProcessParts, runtime: KafkaRuntime): number[] {
  const readers = declared.topology.subTopologies
    .filter(({ nodes }) => nodes.some((node) => node.kind === 'source' && node.topic === TOPICS.inbox))
    .map(({ id }) => String(id));
  return runtime.tasks().flatMap(({ id, state }) => {
    const [subTopology = '', partition = ''] = id.split('_');
    return state === 'running' && readers.includes(subTopology) ? [Number(partition)] : [];
  });
}
