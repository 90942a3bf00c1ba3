import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '../fleet.ts';
import type { Scenario } from '../run-scenario.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { WORKLOAD, mulberry32 } from '../workload.ts';
import { BROKERS } from './fault-cluster.ts';
import type { FaultCluster } from './fault-cluster.ts';

/** What is printed while a scenario runs. */
export type Report = (line: string) => void;

const TURNS = 5;
const DOWN_MS = 4_000;
/** Five times a leader goes and everything catches up: events have to come until then. */
const FEED_MS = 180_000;
const ADVANCE = 5_000;
const AWAY_MS = 60_000;
const LATE_SHARE = 0.1;
const LATE_MS = 10_000;
const IN_SYNC_MS = 60_000;
const DRAIN_MS = 300_000;

/** The faults of brokers and of what lies between, by name. */
export function brokerScenarios(
  cluster: FaultCluster,
  options: { readonly seed: number; readonly report: Report },
): Scenario[] {
  const { seed, report } = options;
  const common = { brokers: cluster.urls, replicationFactor: BROKERS, drainMs: DRAIN_MS };
  return [
    {
      ...common,
      ...{ name: 'leader-stopped', seed, feedOverMs: FEED_MS },
      faults: (fleet, workers) => loseLeaders(cluster, fleet, { workers, how: 'stop', report }),
    },
    {
      ...common,
      ...{ name: 'leader-killed', seed: seed + 1, feedOverMs: FEED_MS },
      faults: (fleet, workers) => loseLeaders(cluster, fleet, { workers, how: 'kill', report }),
    },
    {
      ...common,
      ...{ name: 'all-brokers-away', seed: seed + 2, feedOverMs: 40_000 },
      faults: (fleet, workers) => loseAll(cluster, fleet, { workers, report }),
    },
    {
      ...common,
      ...{ name: 'late-end-txn', seed: seed + 3, feedOverMs: 90_000, workerBrokers: cluster.proxyUrls },
      faults: (fleet, workers) => delayEnds(cluster, fleet, { workers, seed, report }),
    },
  ];
}

/** The leader of one partition of the inbox after the other goes for some seconds and comes back. */
async function loseLeaders(
  cluster: FaultCluster,
  fleet: Fleet,
  { workers, how, report }: { workers: readonly WorkerProcess[]; how: 'stop' | 'kill'; report: Report },
): Promise<readonly WorkerProcess[]> {
  await fleet.whenProcessed(ADVANCE);
  for (let turn = 0; turn < TURNS; turn++) {
    const before = await fleet.progress();
    const { nodeId } = await fleet.view.leaderOf(fleet.topics.inbox, turn);
    const broker = cluster.brokers.find((one) => one.nodeId === nodeId);
    if (broker === undefined) throw new Error(`there is no broker ${nodeId}`);
    report(`${how} broker ${nodeId}, which leads partition ${turn} of the inbox; ${before} processed`);
    await broker[how]();
    await sleep(DOWN_MS);
    await broker.start();
    await untilInSync(fleet);
    await fleet.whenProcessed(Math.min(before + ADVANCE, WORKLOAD.events), 120_000);
  }
  return workers;
}

async function loseAll(
  cluster: FaultCluster,
  fleet: Fleet,
  { workers, report }: { workers: readonly WorkerProcess[]; report: Report },
): Promise<readonly WorkerProcess[]> {
  await fleet.whenProcessed(40_000);
  report(`kill all brokers for ${AWAY_MS} ms; ${await fleet.progress()} processed`);
  await Promise.all(cluster.brokers.map((broker) => broker.kill()));
  await sleep(AWAY_MS);
  await Promise.all(cluster.brokers.map((broker) => broker.start()));
  await untilInSync(fleet);
  return workers;
}

async function delayEnds(
  cluster: FaultCluster,
  fleet: Fleet,
  { workers, seed, report }: { workers: readonly WorkerProcess[]; seed: number; report: Report },
): Promise<readonly WorkerProcess[]> {
  const random = mulberry32(seed);
  const delayMs = (): number => (random() < LATE_SHARE ? 1 + random() * LATE_MS : 0);
  for (const proxy of cluster.proxies) proxy.delayBy(delayMs);
  await fleet.whenProcessed(190_000, DRAIN_MS);
  for (const proxy of cluster.proxies) proxy.delayBy(() => 0);
  const total = (of: 'all' | 'late'): number => cluster.proxies.reduce((sum, { seen }) => sum + seen[of], 0);
  report(`${total('late')} of ${total('all')} requests to end a transaction came late`);
  if (total('late') === 0) throw new Error('no request to end a transaction was held back');
  return workers;
}

/** Waits until every replica of the inbox has caught up: the next fault must find enough of them. */
async function untilInSync(fleet: Fleet): Promise<void> {
  const until = Date.now() + IN_SYNC_MS;
  for (;;) {
    const behind = await fleet.view.outOfSync(fleet.topics.inbox).catch(() => 1);
    if (behind === 0) return;
    if (Date.now() > until) throw new Error('the replicas of the inbox have not caught up');
    await sleep(500);
  }
}
