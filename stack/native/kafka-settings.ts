/** Where one broker of a cluster is found, by clients and by the other brokers. */
export interface BrokerPlace {
  readonly nodeId: number;
  /** For clients, on 127.0.0.1. */
  readonly port: number;
  /** For the cluster's own agreement, on 127.0.0.1. */
  readonly controllerPort: number;
}

/** Replicas that a cluster of so many brokers can keep, and how many of them a write waits for. */
export function replicationOf(brokers: number): {
  readonly factor: number;
  readonly minInSyncReplicas: number;
} {
  return { factor: Math.min(brokers, 3), minInSyncReplicas: brokers < 3 ? 1 : 2 };
}

/**
 * What every cluster here has in common, wherever it runs: topics have to be created, none appears by itself; few
 * internal partitions; groups that form at once; deaths of members and brokers that are noticed soon.
 */
export function clusterSettings(brokers: number): Readonly<Record<string, string>> {
  const { factor, minInSyncReplicas } = replicationOf(brokers);
  return {
    'process.roles': 'broker,controller',
    'controller.listener.names': 'CONTROLLER',
    'auto.create.topics.enable': 'false',
    'num.partitions': '1',
    'default.replication.factor': String(factor),
    'min.insync.replicas': String(minInSyncReplicas),
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': String(factor),
    'transaction.state.log.num.partitions': '2',
    'transaction.state.log.replication.factor': String(factor),
    'transaction.state.log.min.isr': String(minInSyncReplicas),
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': String(factor),
    'share.coordinator.state.topic.min.isr': String(minInSyncReplicas),
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '500',
    'log.cleaner.dedupe.buffer.size': '33554432',
    // A broker that is alone has nobody to hand its partitions to, and would wait for it all the same.
    'controlled.shutdown.enable': String(brokers > 1),
  };
}

/** What a native broker needs besides: where it listens, where the others are, where its data lie. */
export function placeSettings(
  { nodeId, port, controllerPort }: BrokerPlace,
  cluster: readonly BrokerPlace[],
  dataFolder: string,
): Readonly<Record<string, string>> {
  const voters = cluster.map((one) => `${one.nodeId}@127.0.0.1:${one.controllerPort}`);
  return {
    'node.id': String(nodeId),
    'controller.quorum.voters': voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': dataFolder,
  };
}

/** The form of a server.properties file. */
export function toProperties(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
