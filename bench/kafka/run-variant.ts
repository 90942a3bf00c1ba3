import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Admin, Kafka } from 'kafkajs';
import { createTopic, deleteTopics, whenCommitted } from './bench-topics.ts';
import type { BenchTopic } from './bench-topics.ts';
import type { JavaPeer } from './build-peer.ts';
import type { CountAndSum } from './count-and-sum.ts';
import { differenceOf } from './expected-windows.ts';
import { usageOf } from './process-usage.ts';
import { readWindows } from './read-windows.ts';
import type { Variant } from './variants.ts';
import { WorkerProcess } from './worker-process.ts';

const POLL_MS = 20;

export interface BenchSetup {
  readonly brokers: string;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly peer: JavaPeer;
  readonly input: BenchTopic;
  readonly events: number;
  readonly expected: ReadonlyMap<string, CountAndSum>;
}

/** Of one process, from its first record until everything is committed. */
export interface Measurement {
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly maxRssMb: number;
  readonly commits: number;
  readonly meanCommitMs: number;
  readonly outputRecords: number;
}

/** Runs one worker over the whole input, as an application of its own. @throws when its output is not as expected. */
export async function runVariant(variant: Variant, setup: BenchSetup): Promise<Measurement> {
  const { admin, kafka, input, expected } = setup;
  const applicationId = `bench-${variant.name}-${randomUUID().slice(0, 8)}`;
  const output = { name: `${applicationId}-output`, partitions: input.partitions };
  const stateDirectory = await mkdtemp(join(tmpdir(), 'bench-kafka-state-'));
  await createTopic(admin, output);
  try {
    const plan = { brokers: setup.brokers, applicationId, input: input.name, output: output.name };
    const measured = await measure({ ...plan, stateDirectory }, variant, setup);
    const { windows, records } = await readWindows(kafka, output);
    const difference = differenceOf(windows, expected);
    if (difference !== undefined) throw new Error(`the output of ${variant.name} is wrong: ${difference}`);
    return { ...measured, outputRecords: records };
  } finally {
    await deleteTopics(admin, applicationId);
    await rm(stateDirectory, { recursive: true, force: true });
  }
}

async function measure(
  plan: Parameters<Variant['command']>[0],
  variant: Variant,
  { admin, peer, input, events }: BenchSetup,
): Promise<Omit<Measurement, 'outputRecords'>> {
  const worker = new WorkerProcess(variant.command(plan, peer));
  try {
    const { atMs: startedAtMs } = await worker.message('first-record');
    const before = usageOf(worker.pid);
    const group = { groupId: plan.applicationId, topic: input.name, pollMs: POLL_MS };
    await whenCommitted(admin, group, () => worker.assertRuns('everything is committed'));
    const seconds = (Date.now() - startedAtMs) / 1_000;
    const after = usageOf(worker.pid);
    await worker.stop();
    const { commits, meanCommitMs } = await worker.message('commits');
    return {
      eventsPerSecond: events / seconds,
      cpuSecondsPerMillion: ((after.cpuSeconds - before.cpuSeconds) / events) * 1e6,
      maxRssMb: after.maxRssMb,
      commits,
      meanCommitMs,
    };
  } finally {
    await worker.kill();
  }
}
