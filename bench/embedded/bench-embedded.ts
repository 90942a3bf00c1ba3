import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { LOAD } from '../load.ts';
import { benchRawLmdb } from './raw-lmdb.ts';
import { benchTopology } from './topology.ts';

/**
 * Events that lie in the log go through de-duplication and a one-minute tumbling count, with exactly-once commits.
 * Beside it, in the same run: bare LMDB with the same reads and writes, one transaction for 5,000 events. `rssMb` is
 * the largest resident set while the runtime worked, the mapped pages of its files included. Not measured: putting
 * the events into the log, and the flush to disk after the last commit.
 */
export async function benchEmbedded(): Promise<Record<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-embedded-'));
  try {
    const figures = await benchRuntime(join(directory, 'runtime'));
    const rawLmdbEventsPerSecond = await benchRawLmdb(join(directory, 'raw'));
    return {
      ...figures,
      rawLmdbEventsPerSecond,
      vsRawLmdb: figures.eventsPerSecond / rawLmdbEventsPerSecond,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function benchRuntime(directory: string) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'fill.ts'), directory], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`filling the log failed with status ${status}`);
  const topology = benchTopology(createSerdes(new EmbeddedRegistry()).incidentEvent);
  const runtime = EmbeddedRuntime.open({ topology, directory });
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  runtime.start();
  await runtime.whenProcessed();
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const rssMb = process.resourceUsage().maxRSS / 1024;
  const duplicates = sumOf(runtime.counters(), 'duplicate');
  const processed = sumOf(runtime.counters(), 'processed');
  await runtime.close();
  if (processed !== LOAD.events) throw new Error(`${processed} events were processed, not ${LOAD.events}`);
  const cpuSecondsPerMillion = (cpu.user + cpu.system) / 1e6 / (LOAD.events / 1e6);
  return { eventsPerSecond: LOAD.events / seconds, cpuSecondsPerMillion, rssMb, duplicates };
}

function sumOf(counters: Record<string, Readonly<Record<string, number>>>, name: string): number {
  return Object.values(counters).reduce((sum, counter) => sum + (counter[name] ?? 0), 0);
}
