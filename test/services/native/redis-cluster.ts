import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../../stack/native/free-port.ts';
import { startRedis } from '../../../stack/native/redis.ts';
import type { RunningProgram } from '../../../stack/native/running-service.ts';

export interface RedisClusterNode {
  readonly port: number;
  readonly id: string;
  /** For whatever a test does to this node. */
  readonly client: Redis;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** With what it had on disk. */
  restart(): Promise<void>;
  /** It keeps its connections, and answers nothing. */
  freeze(): void;
  thaw(): void;
}

export interface RunningRedisCluster {
  /** `redis+cluster://…`, with all nodes. */
  readonly url: string;
  readonly nodes: readonly RedisClusterNode[];
  nodeOf(slot: number): RedisClusterNode;
  stop(): Promise<void>;
}

const NODES = 3;
const SLOTS = 16_384;
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/** Three masters without replicas, which share the slots; each goes on when others are away. `settingsOf` a node win. */
export async function startRedisCluster(
  folder: string,
  settingsOf: (index: number) => Readonly<Record<string, string>> = () => ({}),
): Promise<RunningRedisCluster> {
  const started = await Promise.allSettled(
    Array.from({ length: NODES }, (_, index) => startNode(join(folder, String(index)), settingsOf(index))),
  );
  const nodes = started.filter((start) => start.status === 'fulfilled').map(({ value }) => value);
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    if (nodes.length < NODES) throw started.find((start) => start.status === 'rejected')?.reason;
    await meet(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const nodeOf = (slot: number) => nodes[indexOf(slot)] as StoppableNode;
  return { url: `redis+cluster://${addresses}`, nodes, nodeOf, stop };
}

interface StoppableNode extends RedisClusterNode {
  readonly busPort: number;
  stop(): Promise<void>;
}

async function startNode(folder: string, more: Readonly<Record<string, string>>): Promise<StoppableNode> {
  await mkdir(folder, { recursive: true });
  const [port, busPort] = [await freePort(), await freePort()];
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-config-file': join(folder, 'nodes.conf'),
    'cluster-port': String(busPort),
    'cluster-node-timeout': '15000',
    // A node that is away takes its own slots with it, and no others.
    'cluster-require-full-coverage': 'no',
    'cluster-allow-pubsubshard-when-down': 'yes',
    appendfsync: 'always',
    ...more,
  };
  const start = () => startRedis(folder, { port, keepsData: true, settings });
  let program: RunningProgram = await start();
  const client = new Redis(program.url, { retryStrategy: () => 100, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  return {
    port,
    busPort,
    client,
    id: await client.cluster('MYID'),
    kill: () => program.kill(),
    freeze: () => process.kill(program.processId, 'SIGSTOP'),
    thaw: () => process.kill(program.processId, 'SIGCONT'),
    restart: async () => {
      program = await start();
    },
    stop: async () => {
      client.disconnect();
      await program.stop();
    },
  };
}

const firstSlot = (index: number) => Math.floor((index * SLOTS) / NODES);
const indexOf = (slot: number) => [0, 1, 2].findLastIndex((index) => firstSlot(index) <= slot);

async function meet(nodes: readonly StoppableNode[]): Promise<void> {
  for (const [index, { client }] of nodes.entries()) {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot(index), firstSlot(index + 1) - 1);
    for (const { port, busPort } of nodes.slice(0, index))
      await client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  }
  for (const { client } of nodes) await untilTheyKnowEachOther(client);
}

/** Each node learns of the others' slots by gossip. */
async function untilTheyKnowEachOther(client: Redis): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const info = await client.cluster('INFO');
    const isWhole = /cluster_state:ok/.test(info) && info.includes(`cluster_slots_assigned:${SLOTS}`);
    const shares = (await client.cluster('SLOTS')) as unknown[];
    if (isWhole && shares.length === NODES) return;
    if (Date.now() > deadline) throw new Error(`the cluster did not come together: ${info}`);
    await sleep(POLL_MS);
  }
}

/** Moves a slot with all its keys, as `redis-cli --cluster reshard` does. */
export async function moveSlot(slot: number, { from, to, halfway, allMoved }: SlotMove): Promise<void> {
  await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
  await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
  const count = Number(await from.client.call('CLUSTER', 'COUNTKEYSINSLOT', slot));
  await moveKeys(slot, Math.floor(count / 2), { from, to });
  await halfway?.();
  for (;;) {
    const left = Number(await from.client.call('CLUSTER', 'COUNTKEYSINSLOT', slot));
    if (left === 0) break;
    await moveKeys(slot, left, { from, to });
  }
  await allMoved?.();
  for (const { client } of [to, from]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
}

export interface SlotMove {
  readonly from: RedisClusterNode;
  readonly to: RedisClusterNode;
  /** Half of the keys are there, and the nodes send commands to and fro. */
  readonly halfway?: () => Promise<void>;
  /** The keys are there, but the slot is not yet. */
  readonly allMoved?: () => Promise<void>;
}

async function moveKeys(slot: number, count: number, { from, to }: SlotMove): Promise<void> {
  const keys = (await from.client.call('CLUSTER', 'GETKEYSINSLOT', slot, count)) as string[];
  for (const key of keys) await from.client.call('MIGRATE', '127.0.0.1', to.port, key, 0, 10_000);
}
