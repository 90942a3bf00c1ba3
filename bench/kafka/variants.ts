import { fileURLToPath } from 'node:url';
import type { JavaPeer } from './build-peer.ts';
import type { WorkerCommand } from './worker-process.ts';

/** What a worker is told. */
export interface WorkerPlan {
  readonly brokers: string;
  readonly applicationId: string;
  readonly input: string;
  readonly output: string;
  readonly stateDirectory: string;
}

export interface Variant {
  readonly name: VariantName;
  readonly command: (plan: WorkerPlan, peer: JavaPeer) => WorkerCommand;
}

export type VariantName = (typeof VARIANT_NAMES)[number];

/** In the order of a round: ours and theirs take turns. */
export const VARIANT_NAMES = [
  'memory',
  'kafka-streams-memory',
  'memory-changelog',
  'kafka-streams-rocksdb',
  'lmdb',
  'lmdb-changelog',
] as const;

/**
 * `memory` and `lmdb` rebuild the ids seen from the input; with `-changelog` each id is written to a changelog, as
 * Kafka Streams does. The windows have a changelog everywhere.
 */
export const VARIANTS: Readonly<Record<VariantName, Variant>> = {
  memory: ours('memory', { state: 'memory', recovery: 'input' }),
  'kafka-streams-memory': theirs('kafka-streams-memory', 'memory'),
  'memory-changelog': ours('memory-changelog', { state: 'memory', recovery: 'changelog' }),
  'kafka-streams-rocksdb': theirs('kafka-streams-rocksdb', 'rocksdb'),
  lmdb: ours('lmdb', { state: 'lmdb', recovery: 'input' }),
  'lmdb-changelog': ours('lmdb-changelog', { state: 'lmdb', recovery: 'changelog' }),
};

const WORKER = fileURLToPath(new URL('./our-worker.ts', import.meta.url));

function ours(name: VariantName, settings: { readonly state: string; readonly recovery: string }): Variant {
  const command = (plan: WorkerPlan): WorkerCommand => {
    const args = Object.entries({ ...plan, ...settings }).map(([option, value]) => `--${option}=${value}`);
    return { command: process.execPath, args: [...nodeOptions(), WORKER, ...args] };
  };
  return { name, command };
}

function theirs(name: VariantName, state: string): Variant {
  const command = (plan: WorkerPlan, { java, classPath }: JavaPeer): WorkerCommand => {
    const args = Object.entries({ ...plan, state }).map(([option, value]) => `${option}=${value}`);
    const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
    return { command: java, args: [log, '-cp', classPath, 'incident.bench.Peer', ...args] };
  };
  return { name, command };
}

/** Options for Node of our worker alone, such as a profiler's. */
function nodeOptions(): readonly string[] {
  return (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
}
